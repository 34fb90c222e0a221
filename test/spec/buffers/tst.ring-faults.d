/*
 * ASSERTION: faults are records of the ring too
 * SECTION: 9.7
 * ARGS: -b 128 -x bufpolicy=ring -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


int zero;
vec::: /seq < 50/ { printf("%d\n", 100 / zero); }
