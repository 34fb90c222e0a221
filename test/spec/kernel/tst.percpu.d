/*
 * ASSERTION: percpu is the GS base of the kernel, and stays known in user mode
 * SECTION: 4
 * ARGS: -t $TRACES/linux-x86_64-boot.log.gz
 */

#pragma D option quiet

vec:::0xec
/cpl == 0/
{
	@kernel[percpu == gs_base] = count();
	seen = 1;
}

vec:::0x0e
/cpl == 3 && seen/
{
	printf("%x %x\n", gs_base, percpu);
	exit(0);
}
