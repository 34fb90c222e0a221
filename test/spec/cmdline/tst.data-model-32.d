/*
 * ASSERTION: -32 is refused, because sizes would not be what it asks for
 * SECTION: 10.3
 * ARGS: -q -32
 */
BEGIN { trace(sizeof(long)); exit(0); }
