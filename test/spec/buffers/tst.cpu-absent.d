/*
 * ASSERTION: a CPU that the trace has not fires nothing but BEGIN and END
 * SECTION: 10.2
 * ARGS: -x cpu=7 -t $TRACES/linux-x86_64-smp2-tid.cpu0.log.gz -t $TRACES/linux-x86_64-smp2-tid.cpu1.log.gz
 */

#pragma D option quiet


BEGIN { printf("begin\n"); }
vec::: { @[cpu] = count(); }
END { printf("end\n"); }
