/*
 * ASSERTION: with the clock of a timer vector each of its ticks is one period
 * SECTION: 9.2
 * ARGS: -x clock=timer:0x20@100hz --unsafe -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x20 { ticks++; }
tick-200ms { periods++; last = ticks; }
END { printf("%d ticks, %d periods of 200 ms, %d at the last\n", ticks, periods, last); }
