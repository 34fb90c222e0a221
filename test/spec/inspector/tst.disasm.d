/*
 * ASSERTION: disasm() prints instructions as objdump does, and names what calls and jumps lead to. Memory is
 * the guest's own also where a breakpoint of trapline's stands.
 *
 * SECTION: Inspector/disasm
 *
 * ARGS: --machine examples/guest/kernel.elf -x append=fib=2 --unsafe -q
 */
fbt::fib:entry
{
	disasm(pc, 6);
	tracemem(pc, 16);
	exit(0);
}
