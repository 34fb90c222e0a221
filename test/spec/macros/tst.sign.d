/*
 * ASSERTION: a sign before an integer becomes an operator
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: -3 +4
 */

BEGIN { printf("%d %d %d\n", $1, 10 $1, 10 $2); exit(0); }
