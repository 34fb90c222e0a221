/*
 * ASSERTION: an argument may be a field of a description
 * SECTION: 1.10
 * ARGS: -q
 * OPERANDS: dtrace BEGIN
 */

$1:::$2 { printf("%s\n", probename); exit(0); }
