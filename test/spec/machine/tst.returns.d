/*
 * ASSERTION: a delivery's return comes after it, with its vector, the time since, and where the context goes on
 * SECTION: 14
 * ARGS: -q --unsafe --machine examples/guest/kernel.elf -x append=quiet=1
 */

vec:::0x03 { at = arg3; printf("breakpoint, cpl %d\n", arg4); }
vec::breakpoint:return
{
	printf("%d goes on behind the INT3 %d, time passed %d, cpl %d\n", arg0, arg3 == at + 1, arg1 > 0, arg4);
	exit(0);
}
