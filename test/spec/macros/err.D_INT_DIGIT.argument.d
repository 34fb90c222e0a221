/*
 * ASSERTION: an argument of digits that are no integer
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 09
 */

BEGIN { trace($1); exit(0); }
