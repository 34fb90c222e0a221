/*
 * ASSERTION: disasm() prints instructions as objdump does, from the kernel's image where a breakpoint stands in memory, and
 * names what calls and jumps lead to.
 *
 * SECTION: Inspector/disasm
 *
 * ARGS: --machine examples/guest/kernel.elf -x append=fib=2 --unsafe -q
 */
fbt::fib:entry
{
	disasm(pc, 6);
	exit(0);
}
