/*
 * ASSERTION: a description with nothing in it matches only probes that have a function
 * SECTION: 2.6
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

::: { @[probename, probefunc] = count(); }
