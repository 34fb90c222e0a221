/*
 * ASSERTION: a value that is 0 at the width of the variable deletes too
 * SECTION: 3.8
 * ARGS: -x dynvarsize=128 -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


char c[int];
vec::: /seq < 200/ { c[seq] = 256; }
END { c[1] = 5; printf("%d %d\n", c[0], c[1]); }
