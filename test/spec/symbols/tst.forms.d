/*
 * ASSERTION: sym() and func() print module`symbol, mod() the module, uaddr(), %a and stack() the offset as well
 * SECTION: 8.7
 * ARGS: --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */

#pragma D option quiet

BEGIN
{
	this->pc = (uintptr_t)0xffffffff819fa1b5;
	sym(this->pc); trace("|"); func(this->pc); trace("|"); mod(this->pc); trace("|\n");
	usym(this->pc); trace("|"); ufunc(this->pc); trace("|"); umod(this->pc); trace("|"); uaddr(this->pc); trace("|\n");
	printf("%a %a|\n", this->pc, this->pc - 5);
	exit(0);
}
