/*
 * ASSERTION: with destructive, system runs a command in order with the output
 * SECTION: 6.5
 */

#pragma D option quiet

#pragma D option destructive
BEGIN { printf("one\n"); system("echo %s %d", "two", 2); printf("three\n"); exit(0); }
