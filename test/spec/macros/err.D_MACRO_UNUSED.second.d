/*
 * ASSERTION: the last of several arguments is not used
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 1 two
 */

BEGIN { trace($1); exit(0); }
