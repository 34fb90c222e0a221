#!/usr/bin/env -S trapline -s
/*
 * What happens while interrupts are disabled, and in whose code?
 *
 * Run:   trapline --unsafe -s examples/irq-off.d -t examples/traces/linux-x86_64-boot.log.gz
 * Read:  each delivery that struck code with IF = 0, then how they compare with all deliveries. Page faults there are
 *        only expected early in a boot; a breakpoint may be the kernel patching itself. Safe mode withholds exactly
 *        these firings, hence --unsafe.
 * Prints (excerpt):
 *        |    EVENT WHAT               CODE CPU CPL                 PC                CR2
 *        |        0 page_fault         0000   0   0   ffffffff83079246   ffff888000014790
 *        |      279 breakpoint         0000   0   0   ffffffff811085f0                  0
 *        ...
 *        | deliveries: 30389, with interrupts disabled 8, of these in kernel mode 8
 *
 * ARGS:  --unsafe -t $TRACES/linux-x86_64-boot.log.gz
 */
#pragma D option quiet

BEGIN
{
	printf("%8s %-18s %4s %3s %3s %18s %18s\n", "EVENT", "WHAT", "CODE", "CPU", "CPL", "PC", "CR2");
}

vec:::
{
	@all["deliveries"] = count();
	@off["deliveries"] = sum(iflag == 0);
	@kernel["deliveries"] = sum(iflag == 0 && cpl == 0);
}

vec:::
/iflag == 0/
{
	printf("%8d %-18s %04x %3d %3d %18x %18x\n", seq, probefunc, errcode, cpu, cpl, pc, vector == 14 ? cr2 : 0);
}

END
{
	printa("\n%s: %@d, with interrupts disabled %@d, of these in kernel mode %@d\n", @all, @off, @kernel);
}
