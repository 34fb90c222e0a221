/*
 * ASSERTION: exit() in the middle of a trace: no later event fires
 * SECTION: 6.4
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet


vec::: { n++; }
vec::: /n == 3/ { exit(n); }
vec::: { m = n; }
END { printf("%d %d\n", n, m); }
