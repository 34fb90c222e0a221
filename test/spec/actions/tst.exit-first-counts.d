/*
 * ASSERTION: the status is that of exit; the firing that called it is the last
 * SECTION: 6.4
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80 /++n == 3/ { exit(n); }
vec:::0x80 { printf("%d\n", n); }
