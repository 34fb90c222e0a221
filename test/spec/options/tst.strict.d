/*
 * ASSERTION: with strict a withheld firing makes the status 3
 * SECTION: 10
 * ARGS: -x strict -t $TRACES/tiny32-gp-np-df.log.gz
 */

#pragma D option quiet

vec::: { trace("never"); }
