/*
 * ASSERTION: a cause's number names an exception and an interrupt, which are two probes
 * SECTION: 4
 * ARGS: -t $TRACES/tiny-riscv64-traps.log.gz
 */

#pragma D option quiet

vec:::0x07 { @[probemod, probefunc, vector] = count(); }
vec:exception::,
vec:soft:: { @kinds[probemod] = count(); }
guest:::error { @kinds["guest error"] = count(); }
END { printa("%s %s %d %@d\n", @); printa("%s %@d\n", @kinds); }
