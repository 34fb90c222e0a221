/*
 * ASSERTION: stack() follows frame pointers: chain_a calls chain_b, which jumps to chain_c, so chain_b has no frame. caller is
 * where the function returns to, stackdepth the number of frames.
 *
 * SECTION: Inspector/stack
 *
 * ARGS: --machine examples/guest/kernel.elf -x append=fib=2 --unsafe -q
 */
fbt::chain_c:entry
{
	stack();
	stack(2);
	printf("%a %d", caller, stackdepth);
	exit(0);
}
