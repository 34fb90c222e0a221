/*
 * ASSERTION: a pragma lifts safe mode
 * SECTION: 10
 * ARGS: -t $TRACES/tiny32-gp-np-df.log.gz
 */

#pragma D option quiet

#pragma D option unsafe
vec::: { printf("%s %d\n", probename, iflag); }
