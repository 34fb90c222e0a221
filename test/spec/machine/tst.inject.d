/*
 * ASSERTION: -x inject loses single-step traps, removes sites under a CPU, sets the guest's own INT3 and interrupts at the
 * worst time; nothing is lost, and the counts are told.
 *
 * SECTION: Machine/Patching
 *
 * ARGS: --machine examples/guest/kernel.elf -x inject=drop-step/3,interrupt/4,nmi/11,two-cpus/5,remove/7,guest-int3/9 -x cpus=2 -x append=fib=9 --unsafe -q
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
