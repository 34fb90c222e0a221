#!/usr/bin/env -S trapline -s
/*
 * How much do the CPUs interrupt each other, and do they strike user code or the kernel?
 *
 * Run:   trapline -s examples/ipis.d -t examples/traces/linux-x86_64-smp2-tid.cpu0.log.gz
 *        -t examples/traces/linux-x86_64-smp2-tid.cpu1.log.gz
 * Read:  interrupts between processors (the vectors of 64-bit Linux; edit ipi[] for another kernel) by CPU that took
 *        them and mode that they struck; then how many deliveries passed on that CPU since the one before: a cluster at
 *        1 is a storm of them.
 * Prints (excerpt):
 *        | WHY                  CPU    TAKEN  IN USER
 *        | call one function      0      235        0
 *        | call one function      1      243        0
 *        | reschedule             0       46        0
 *        | reschedule             1       56        0
 *
 * ARGS:  -t $TRACES/linux-x86_64-smp2-tid.cpu0.log.gz -t $TRACES/linux-x86_64-smp2-tid.cpu1.log.gz
 */
#pragma D option quiet
#pragma D option aggsortkey

inline string ipi[int v] =
    v == 0xfd ? "reschedule" :
    v == 0xfc ? "call functions" :
    v == 0xfb ? "call one function" :
    v == 0xf8 ? "reboot" :
    v == 0xf6 ? "irq work" : "";

self int deliveries, last;

vec:::
{
	self->deliveries++;
}

vec:interrupt::
/ipi[vector] != ""/
{
	@taken[ipi[vector], cpu] = count();
	@user[ipi[vector], cpu] = sum(cpl == 3);
	@since[ipi[vector]] = llquantize(self->deliveries - self->last, 10, 0, 2, 10);
	self->last = self->deliveries;
}

END
{
	printf("%-20s %3s %8s %8s\n", "WHY", "CPU", "TAKEN", "IN USER");
	printa("%-20s %3d %@8d %@8d\n", @taken, @user);
	printa("\n%s: deliveries on the CPU since the one before\n%@d\n", @since);
}
