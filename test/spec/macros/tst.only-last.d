/*
 * ASSERTION: only the last argument must be used
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 1 2 3
 */

BEGIN { printf("%d\n", $3); exit(0); }
