/*
 * ASSERTION: with breakpoints in its code (-x fbt=patch, the default) the kernel's calls are counted as it counts them itself.
 *
 * SECTION: Machine/Patching
 *
 * ARGS: --machine examples/guest/kernel.elf -x fbt=patch -x cpus=2 -x append=fib=9 --unsafe -q
 */
fbt::fib:entry,
fbt::fib:return
{
	@[probename] = count();
}

/* fib(9) calls itself 109 times, on each CPU. */
fbt::fib:return
/++n == 2 * 109/
{
	exit(0);
}
