/*
 * ASSERTION: a pragma wins over -x
 * SECTION: 10.1
 * ARGS: -q -x strsize=64
 */

#pragma D option strsize=16
BEGIN { printf("%d\n", sizeof (string)); exit(0); }
