/*
 * ASSERTION: ring without a size holds 4 megabytes
 * SECTION: 9.7
 * ARGS: -x bufpolicy=ring -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: /seq < 3/ { printf("%d\n", seq); }
