/*
 * ASSERTION: stores without room are dropped; what is there can still be changed
 * SECTION: 9.9
 * ARGS: -x dynvarsize=128 -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: /seq < 20/ { a[seq] = 1; }
END { a[0] = 7; printf("%d %d %d\n", a[0], a[1], a[19]); }
