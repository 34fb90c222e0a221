/*
 * ASSERTION: tick fires on the trace's clock: by event index one event is a microsecond, so 1 ms is every thousandth
 * SECTION: 9.2
 * ARGS: -x clock=index --unsafe -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec::: { n++; }
tick-1ms { printf("%d us, %d deliveries\n", timestamp / 1000, n); }
