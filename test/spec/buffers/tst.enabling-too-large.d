/*
 * ASSERTION: a record larger than the buffer is refused
 * SECTION: 9.7
 * ARGS: -b 128
 */

BEGIN { trace(probename); exit(0); }
