#!/usr/bin/env -S trapline -s
/*
 * How does the guest move between user and kernel mode, CPU by CPU, and which vectors take it there?
 *
 * Run:   trapline -s examples/rings.d -t examples/traces/linux-x86_64-smp2-torn.log.gz
 * Read:  deliveries by CPU, ring they interrupted and vector; then runs: how many deliveries in a row struck the same
 *        ring before it changed.
 * Prints (excerpt):
 *        | CPU CPL WHAT                 VECTOR DELIVERIES
 *        |   1   0 page_fault           0x0e         1531
 *        |   0   0 page_fault           0x0e         1551
 *        |   1   3 page_fault           0x0e         5484
 *        |   0   3 page_fault           0x0e         5684
 *
 * ARGS:  -t $TRACES/linux-x86_64-smp2-torn.log.gz
 */
#pragma D option quiet

self int seen, ring, length;

vec:::
{
	@taken[cpu, cpl, probefunc, probename] = count();
}

vec:::
/self->seen && self->ring != cpl/
{
	@run[self->ring == 3 ? "user" : "kernel"] = quantize(self->length);
	self->length = 0;
}

vec:::
{
	self->seen = 1;
	self->ring = cpl;
	self->length++;
}

END
{
	printf("%3s %3s %-20s %-6s %10s\n", "CPU", "CPL", "WHAT", "VECTOR", "DELIVERIES");
	printa("%3d %3d %-20s %-6s %@10d\n", @taken);
	printf("\ndeliveries in a row that struck the same ring\n");
	printa(@run);
}
