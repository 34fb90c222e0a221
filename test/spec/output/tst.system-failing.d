/*
 * ASSERTION: a command that fails changes nothing
 * SECTION: 6.1
 * ARGS: -w
 */

#pragma D option quiet

BEGIN { system("exit 9"); printf("on\n"); exit(0); }
