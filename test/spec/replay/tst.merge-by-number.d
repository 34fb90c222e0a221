/*
 * ASSERTION: logs of several CPUs are merged by event number
 * SECTION: 9
 * ARGS: --unsafe -t $TRACES/linux-x86_64-smp2-tid.cpu0.log.gz -t $TRACES/linux-x86_64-smp2-tid.cpu1.log.gz
 */

#pragma D option quiet

int expected;
vec::: { gaps += seq != expected; expected = seq + 1; @[cpu, probename] = count(); }
END { printf("%d events, %d gaps\n", expected, gaps); printa("cpu %d %s %@d\n", @); }
