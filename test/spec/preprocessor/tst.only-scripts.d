/*
 * ASSERTION: -C is for scripts; -D without -C does nothing
 * SECTION: 1.11
 * ARGS: -q -D A=5 -I nowhere -U B -n 'int A; BEGIN { A = 2; }'
 */

BEGIN { printf("%d\n", A); exit(0); }
