/*
 * ASSERTION: half a second of each second is the most that chill() takes
 * SECTION: 6.1
 * ARGS: -w
 */

#pragma D option quiet


BEGIN { chill(500000001); }
BEGIN { chill(-1); }
BEGIN { chill(1000); printf("fine\n"); exit(0); }
