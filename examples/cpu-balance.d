#!/usr/bin/env -S trapline -s
/*
 * Is the work spread over the CPUs, or does one of them serve all the interrupts?
 *
 * Run:   trapline -s examples/cpu-balance.d -t examples/traces/linux-x86_64-smp2-torn.log.gz
 * Read:  the share of every CPU in all deliveries, then their number by vector and CPU. Timer ticks and page faults
 *        should be near even under load; a device interrupt that one CPU serves alone is a matter of affinity.
 * Prints (excerpt):
 *        | CPU DELIVERIES  PERCENT  IN KERNEL
 *        |   0       8150       50       2457
 *        |   1       7846       49       2349
 *        ...
 *        | irq            0xfd     1       55
 *        | page_fault     0x0e     0     7235
 *        | page_fault     0x0e     1     7015
 *
 * ARGS:  -t $TRACES/linux-x86_64-smp2-torn.log.gz
 */
#pragma D option quiet
#pragma D option aggsortkey

int64_t deliveries;

vec:::
{
	@number[probefunc, probename, cpu] = count();
	@all[cpu] = count();
	@share[cpu] = sum(100);
	@kernel[cpu] = sum(cpl == 0);
	deliveries++;
}

END
{
	normalize(@share, deliveries);
	printf("%3s %10s %8s %10s\n", "CPU", "DELIVERIES", "PERCENT", "IN KERNEL");
	printa("%3d %@10d %@8d %@10d\n", @all, @share, @kernel);
	printf("\n%-14s %-6s %3s %8s\n", "WHAT", "VECTOR", "CPU", "NUMBER");
	printa("%-14s %-6s %3d %@8d\n", @number);
}
