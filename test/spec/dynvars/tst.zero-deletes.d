/*
 * ASSERTION: storing 0 deletes an element and gives its room back
 * SECTION: 3.8
 * ARGS: -x dynvarsize=128 -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: /seq < 200/ { a[seq] = 1; a[seq] = 0; }
vec::: /seq == 200/ { a[1] = 5; printf("%d %d\n", a[0], a[1]); }
