/*
 * ASSERTION: an argument of more than 64 bits is an error
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 0x10000000000000000
 */

BEGIN { trace($1); exit(0); }
