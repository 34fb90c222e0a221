/*
 * ASSERTION: records that find no room in a buffer of given size are dropped and counted
 * SECTION: 9.7
 * ARGS: -b 1k -x switchrate=1s -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec::: { printf("%d\n", seq); }
