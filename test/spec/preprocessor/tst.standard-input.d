/*
 * ASSERTION: a script on standard input is preprocessed too
 * SECTION: 1.11
 * ARGS: -Cq
 * SCRIPT: /dev/stdin
 */

#define V 12
BEGIN { printf("%d %s\n", V, __FILE__); exit(0); }
