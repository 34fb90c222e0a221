/*
 * ASSERTION: a number that is no signal is illegal
 * SECTION: 6.1
 * ARGS: -w
 */

#pragma D option quiet


BEGIN { raise(65); }
BEGIN { raise(-1); }
BEGIN { exit(0); }
