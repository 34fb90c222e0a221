/*
 * ASSERTION: print(regs) makes a record of its own: a clause that does nothing else prints, too.
 *
 * SECTION: Inspector/print(regs)
 *
 * ARGS: -t $TRACES/tiny-riscv32-exec-cpu.log.gz --unsafe -q
 */
exec:::tb
/n++ < 1/
{
	print(regs);
}
