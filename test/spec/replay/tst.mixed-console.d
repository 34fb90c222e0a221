/*
 * ASSERTION: a log with the guest's console in between gives the same deliveries
 * SECTION: 9
 * ARGS: --unsafe -t $TRACES/linux-x86_64-stderr-mixed.log.gz
 */

#pragma D option quiet

vec::: { @[probename] = count(); @all = count(); }
END { printa("%s %@d\n", @); printa("%@d\n", @all); }
