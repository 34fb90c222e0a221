/*
 * ASSERTION: -s - is standard input too
 * SECTION: 10.3
 * ARGS: -q
 * SCRIPT: -
 * OPERANDS: 7
 */

BEGIN { printf("%s %d\n", $0, $1); exit(0); }
