/*
 * ASSERTION: -v says which clock and columns were chosen
 * SECTION: 10.3
 * ARGS: -v -x clock=timer:0x20@100hz -t $TRACES/tiny32-gp-np-df.log.gz --unsafe
 */

#pragma D option quiet

vec:::0x0d { printf("%d %x\n", timestamp, pc); exit(0); }
