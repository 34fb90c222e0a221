/*
 * ASSERTION: ring keeps the newest records
 * SECTION: 9.7
 * ARGS: -b 160 -x bufpolicy=ring -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


BEGIN { printf("forgotten\n"); }
vec::: /seq < 100/ { printf("%d\n", seq); }
END { printf("END\n"); }
