/*
 * ASSERTION: -64 asks for what there is
 * SECTION: 10.3
 * ARGS: -64 -q
 */
BEGIN { trace(sizeof(long)); exit(0); }
