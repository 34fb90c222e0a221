#!/usr/bin/env -S trapline -s
/*
 * Why does this Arm guest fault: who, doing what, and what does the fault status say?
 *
 * Run:   trapline -s examples/arm-aborts.d -t examples/traces/linux-aarch64-boot.log.gz
 * Read:  one line per kind of abort, most frequent first. `translation` is demand paging, `permission` on a write mostly
 *        copy-on-write. LEVEL is that of the page table whose entry refused. WRITE is bit 6 of the syndrome, and says
 *        nothing of instruction fetches. EL0 is user code.
 * Prints (excerpt):
 *        | FROM  ACCESS   CAUSE        LEVEL    ABORTS
 *        | EL0   fetch    translation      3       267
 *        | EL1   write    permission       3        20
 *
 * ARGS:  -t $TRACES/linux-aarch64-boot.log.gz
 */
#pragma D option quiet
#pragma D option aggsortrev

/* Fault status codes: four of each kind, one per level. */
inline string cause = esr_fsc >> 2 == 1 ? "translation" : esr_fsc >> 2 == 2 ? "access flag" :
    esr_fsc >> 2 == 3 ? "permission" : esr_fsc >> 2 == 0 ? "address size" : esr_fsc == 0x21 ? "alignment" : "other";

vec::prefetch_abort:
{
	@aborts[cpl, "fetch", cause, esr_fsc & 3] = count();
}

vec::data_abort:
{
	@aborts[cpl, esr_iss & 0x40 ? "write" : "read", cause, esr_fsc & 3] = count();
}

END
{
	printf("%-5s %-8s %-12s %5s  %8s\n", "FROM", "ACCESS", "CAUSE", "LEVEL", "ABORTS");
	printa("EL%-3d %-8s %-12s %5d  %@8d\n", @aborts);
}
