/*
 * ASSERTION: a switch rate of no time at all empties the buffers before every event
 * SECTION: 9.7
 * ARGS: -b 96 -x switchrate=0 -t $TRACES/tiny32-int-storm.log.gz
 */
#pragma D option quiet

vec::: /seq < 20/ { printf("%d ", seq); }
