/*
 * ASSERTION: of two settings the last wins
 * SECTION: 10.1
 * ARGS: -q -x strsize=64 -x strsize=128
 */

BEGIN { printf("%d\n", sizeof (string)); exit(0); }
