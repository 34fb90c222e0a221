/*
 * ASSERTION: anything else is a string, quotes around it taken off
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 'a b' '"quoted"' 1.5
 */

BEGIN { printf("[%s] [%s] [%s]\n", $1, $2, $3); exit(0); }
