/*
 * ASSERTION: fill is read at the end: printa shows what the aggregation then is
 * SECTION: 9.7
 * ARGS: -x bufpolicy=fill -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: { @ = count(); }
vec::: /seq == 0/ { printa("%@d\n", @); }
