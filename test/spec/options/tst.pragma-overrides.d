/*
 * ASSERTION: a pragma wins over the command line
 * SECTION: 10.1
 * ARGS: -x strsize=10
 */

#pragma D option quiet
#pragma D option strsize=4
BEGIN { s = "abcdefghijkl"; printf("%s %d\n", s, sizeof (s)); exit(0); }
