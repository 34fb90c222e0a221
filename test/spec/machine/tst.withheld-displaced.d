/*
 * ASSERTION: where interrupts are off a breakpoint is withheld, but its displaced instruction runs: the kernel's work goes
 * on.
 *
 * SECTION: Machine/Safe mode
 *
 * ARGS: --machine examples/guest/kernel.elf -x append=quiet=12 -q
 */
fbt::quiet_step:entry
{
	trace("not seen");
}

fbt::send_ipi:entry
{
	exit(0);
}
