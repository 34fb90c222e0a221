/*
 * ASSERTION: aggregation drops name the CPU
 * SECTION: 9.9
 * ARGS: -x aggsize=512 -t $TRACES/linux-x86_64-smp2-tid.cpu0.log.gz -t $TRACES/linux-x86_64-smp2-tid.cpu1.log.gz
 */

#pragma D option quiet


vec::: { @[seq] = count(); }
END { trunc(@); }
