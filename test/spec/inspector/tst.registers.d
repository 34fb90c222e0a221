/*
 * ASSERTION: print(regs) shows the registers that the event carries, by name, in groups, and no others.
 *
 * SECTION: Inspector/print(regs)
 *
 * ARGS: -t $TRACES/linux-x86_64-boot.log.gz --unsafe -q
 */
vec:::0x0e
/cpl == 3/
{
	print(regs);
	exit(0);
}
