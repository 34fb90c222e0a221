/*
 * ASSERTION: a probe on code that CPUs run in 32-bit mode fires for each of them: the breakpoint gives way to the emulator.
 *
 * SECTION: Machine/Patching
 *
 * ARGS: --machine examples/guest/kernel.elf -x cpus=3 --unsafe -q
 */
fbt::enter_long_mode:entry
{
	@[probefunc] = count();
}

fbt::fib:entry
{
	exit(0);
}
