/*
 * ASSERTION: several programs share one list of arguments
 * SECTION: 1.9
 * ARGS: -q -n 'BEGIN { printf("%d ", $1); }'
 * OPERANDS: 1 2
 */

BEGIN { printf("%d\n", $2); exit(0); }
