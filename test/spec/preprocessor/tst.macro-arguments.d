/*
 * ASSERTION: $1 is no name to the preprocessor and stays for D
 * SECTION: 1.9
 * ARGS: -Cq
 * OPERANDS: 41
 */

#define SHOW(e) printf("%d\n", e)
BEGIN { SHOW($1 + 1); exit(0); }
