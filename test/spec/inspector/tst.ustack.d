/*
 * ASSERTION: ustack() is the interrupted program's stack, which ends where rbp is 0; the kernel's there is empty.
 *
 * SECTION: Inspector/stack
 *
 * ARGS: --machine examples/guest/kernel.elf -x append=fib=2 --unsafe -q
 */
vec:::0x80
{
	stack();
	ustack();
	printf("%d %d %a", stackdepth, ustackdepth, ucaller);
	exit(0);
}
