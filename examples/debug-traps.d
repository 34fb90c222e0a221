#!/usr/bin/env -S trapline -s
/*
 * Who hits breakpoints and debug exceptions, and are they breakpoints of the processor or in the code?
 *
 * Run:   trapline --unsafe -s examples/debug-traps.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  by mode and place: INT3 instructions, single steps (DR6.BS), hits of the debug registers (DR6.B0 to B3), and
 *        the first event; then the enable bits of DR7, 00 when no debug register was armed. A kernel place that is no
 *        breakpoint of yours is the kernel patching itself.
 * Prints (excerpt):
 *        | CPL                 PC     INT3     STEP    WATCH    FIRST
 *        |   3             401a1b      400        0        0    22176
 *        |   3            8049b8e       10        0        0    15556
 *        |   0   ffffffff811065d2        3        0        0      280
 *
 * ARGS:  --unsafe -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

vec::breakpoint:,
vec::debug:
{
	@int3[cpl, pc] = sum(vector == 3);
	@step[cpl, pc] = sum(vector == 1 && (dr6 & 0x4000) != 0);
	@watch[cpl, pc] = sum(vector == 1 && (dr6 & 15) != 0);
	@first[cpl, pc] = min(seq);
	@armed["DR7"] = max(dr7 & 255);
}

END
{
	printf("%3s %18s %8s %8s %8s %8s\n", "CPL", "PC", "INT3", "STEP", "WATCH", "FIRST");
	printa("%3d %18x %@8d %@8d %@8d %@8d\n", @int3, @step, @watch, @first);
	printa("\nlargest %s & ff: %@02x\n", @armed);
}
