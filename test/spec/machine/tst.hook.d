/*
 * ASSERTION: the emulator itself tells of code (-x fbt=hook): the same counts as with breakpoints.
 *
 * SECTION: Machine/Patching
 *
 * ARGS: --machine examples/guest/kernel.elf -x fbt=hook -x cpus=2 -x append=fib=9 --unsafe -q
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
