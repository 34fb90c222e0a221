/*
 * ASSERTION: a 32-bit guest's registers have their 32-bit names, and the 64-bit names read the same
 * SECTION: 4.1
 * ARGS: -t $TRACES/tiny32-int-storm.log.gz
 */

#pragma D option quiet

vec:::0x80
{
	printf("eip %x esp %x eflags %x cs %x\n", eip, esp, eflags, cs);
	printf("%d %d %d\n", rip == eip, rsp == esp, sp == esp);
	exit(0);
}
