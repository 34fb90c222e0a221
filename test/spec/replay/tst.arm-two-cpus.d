/*
 * ASSERTION: deliveries name their CPU
 * SECTION: 4
 * ARGS: -t $TRACES/linux-aarch64-smp2.log.gz
 */

#pragma D option quiet

vec:::0x* { @[cpu, probefunc] = count(); }
END { printa("CPU %d %s %@d\n", @); }
