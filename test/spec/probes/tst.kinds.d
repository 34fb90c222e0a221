/*
 * ASSERTION: exceptions, device interrupts and software interrupts have their own module and function
 * SECTION: 9.1
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec::: { @[probeprov, probemod, probefunc, probename] = count(); }
END { printa("%s:%s:%s:%s %@d\n", @); }
