#!/usr/bin/env -S trapline -s
/*
 * Which traps does this RISC-V guest take, where, and with what trap value?
 *
 * Run:   trapline -s examples/riscv-traps.d -t examples/traces/tiny-riscv64-traps.log.gz
 * Read:  one line per trap and place, most frequent first: the cause's number and name, where it was taken (epc), and the
 *        trap value, which is the address of a fault, or the instruction that is illegal. Interrupts and exceptions are
 *        numbered apart: cause 7 is both the machine timer and a store that faults.
 * Prints (excerpt):
 *        | KIND       CAUSE                             EPC        VALUE  TRAPS
 *        | exception  13 load_page_fault         0x800000f0   0x40000000    100
 *        | interrupt   7 m_timer                 0x80000078            0     50
 *
 * ARGS:  -t $TRACES/tiny-riscv64-traps.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

vec:::
{
	@traps[probemod, cause, probefunc, epc, tval] = count();
}

END
{
	printf("%-10s %-24s %12s %12s %6s\n", "KIND", "CAUSE", "EPC", "VALUE", "TRAPS");
	printa("%-10s %2d %-21s %#12x %#12x %@6d\n", @traps);
}
