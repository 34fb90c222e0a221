/*
 * ASSERTION: drops are counted for each CPU
 * SECTION: 9.9
 * ARGS: -b 96 -x switchrate=60s -t $TRACES/linux-x86_64-smp2-tid.cpu0.log.gz -t $TRACES/linux-x86_64-smp2-tid.cpu1.log.gz
 */

#pragma D option quiet


vec::: { printf("%d %d\n", cpu, seq); }
