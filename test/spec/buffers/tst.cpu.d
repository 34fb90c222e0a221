/*
 * ASSERTION: with -x cpu only that CPU is traced, and it has BEGIN, END and ticks
 * SECTION: 10.2
 * ARGS: -x cpu=1 -t $TRACES/linux-x86_64-smp2-tid.cpu0.log.gz -t $TRACES/linux-x86_64-smp2-tid.cpu1.log.gz
 */

BEGIN { trace(cpu); }
vec::: { @[cpu] = count(); }
END { trace(cpu); }
