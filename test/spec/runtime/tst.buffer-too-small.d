/*
 * ASSERTION: a record larger than its buffer is refused when enabling
 * SECTION: 9.7
 * ARGS: -b 64
 */

BEGIN { trace("a string of 256 bytes"); exit(0); }
