/*
 * ASSERTION: deliveries and returns of an AArch64 boot, by exception class and level
 * SECTION: 4
 * ARGS: -t $TRACES/linux-aarch64-boot.log.gz
 */

#pragma D option quiet

vec:::0x* { @v[probemod, probefunc, probename, cpl] = count(); }
vec:::return { @r[cpl] = count(); }
END { printa("%s:%s:%s from EL%d %@d\n", @v); printa("to EL%d %@d\n", @r); }
