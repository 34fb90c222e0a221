/*
 * ASSERTION: -I, -D and -U without -C do nothing
 * SECTION: 10.3
 * ARGS: -q -I nowhere -D A=5 -U B
 */

int A;
BEGIN { printf("%d\n", A); exit(0); }
