/*
 * ASSERTION: the record that does not fit is dropped and counted
 * SECTION: 9.9
 * ARGS: -b 80 -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


BEGIN { printf("%d\n", 1); }
BEGIN { printf("%d\n", 2); }
BEGIN { printf("%d\n", 3); }
