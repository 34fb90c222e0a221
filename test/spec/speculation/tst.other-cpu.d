/*
 * ASSERTION: a speculation takes records of every CPU, and each keeps its own
 * SECTION: 6.3
 * ARGS: -t $TRACES/linux-x86_64-smp2-tid.cpu0.log.gz -t $TRACES/linux-x86_64-smp2-tid.cpu1.log.gz
 */

#pragma D option quiet

BEGIN { id0 = speculation(); }
vec::: /seen[cpu]++ < 2/ { speculate(id0); printf("CPU %d\n", cpu); }
END { commit(id0); }
