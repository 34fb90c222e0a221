/*
 * ASSERTION: an absent element counts as 0
 * SECTION: 3.8
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: /seq < 8/ { n[vector]++; }
END { printf("%d %d %d\n", n[0x80], n[3], n[0x55]); }
