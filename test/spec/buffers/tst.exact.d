/*
 * ASSERTION: a record as large as the buffer is accepted
 * SECTION: 9.7
 * ARGS: -b 64
 */

#pragma D option quiet


BEGIN { printf("%d\n", 7); }
BEGIN { exit(0); }
