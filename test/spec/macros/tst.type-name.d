/*
 * ASSERTION: an argument may name a type
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: uint8_t
 */

BEGIN { printf("%d %d\n", sizeof ($1), ($1)300); exit(0); }
