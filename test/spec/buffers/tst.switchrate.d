/*
 * ASSERTION: buffers of given size are emptied at the switch rate of the source's clock
 * SECTION: 9.7
 * ARGS: -b 96 -x switchrate=5us -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: /seq < 20/ { printf("%d ", seq); }
