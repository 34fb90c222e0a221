/*
 * ASSERTION: a variable of the program may be called regs.
 *
 * SECTION: Inspector/print(regs)
 *
 * ARGS: -q
 */
int regs;

BEGIN
{
	regs = 5;
	print(regs);
	exit(0);
}
