/*
 * ASSERTION: strsize=1 is enough for one character
 * SECTION: 10.2
 * ARGS: -x strsize=1
 */

#pragma D option quiet


BEGIN { s = "abc"; printf("[%s] [%s]\n", s, strjoin("x", "y")); exit(0); }
