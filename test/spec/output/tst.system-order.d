/*
 * ASSERTION: system output stands where the command was met
 * SECTION: 6.1
 * ARGS: -w
 */

#pragma D option quiet

BEGIN { printf("before\n"); system("echo %s %d", "inside", 7); printf("after\n"); exit(0); }
