/*
 * ASSERTION: %k of ustack() and jstack() shows user code, and of stack() nothing there; the other way round in the kernel
 * SECTION: 8.2, 8.7
 * ARGS: -t $TRACES/linux-x86_64-boot.log.gz
 */

#pragma D option quiet

vec:::0x0e /cpl == 3 && !seen/
{
	seen = 1;
	printf("user %d: %x%-4k %d\n%k|%k|\n", cpl, pc, ustack(5), vector, jstack(2, 64), stack());
}
vec:::0x0e /cpl == 0 && !known/
{
	known = 1;
	printf("kernel %d: %x%-4k %d\n%k|%k|\n", cpl, pc, stack(), vector, ustack(), jstack());
}
