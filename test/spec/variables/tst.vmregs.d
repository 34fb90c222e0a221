/*
 * ASSERTION: vmregs and uregs are the same registers
 * SECTION: 4.1
 * ARGS: -x unsafe -t $TRACES/tiny32-triple-fault.log.gz
 */

#pragma D option quiet
vec:::0x08
{
	printf("%d %d\n", vmregs[R_CR3] == uregs[R_CR3], vmregs[R_PC] == uregs[R_RIP]);
	exit(0);
}
