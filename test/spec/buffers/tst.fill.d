/*
 * ASSERTION: fill ends tracing when a buffer is full; END has room of its own
 * SECTION: 9.7
 * ARGS: -b 256 -x bufpolicy=fill -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: { printf("%d\n", seq); }
END { printf("END at %d\n", 1); }
