/*
 * ASSERTION: deliveries of a log that two CPUs tore are told apart by CPU
 * SECTION: 9
 * ARGS: --unsafe -t $TRACES/linux-x86_64-smp2-torn.log.gz
 */

#pragma D option quiet

vec::: { @[probename] = count(); @cpu[cpu] = count(); }
END { printa("%s %@d\n", @); printa("cpu %d %@d\n", @cpu); }
