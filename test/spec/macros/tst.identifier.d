/*
 * ASSERTION: an argument that is a name is that name
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: counter probename
 */

BEGIN { $1 = 5; printf("%d %s\n", $1, $2); exit(0); }
