/*
 * ASSERTION: print() shows what sym() and its kin show: a symbol without offset, a module alone
 * SECTION: 8.6
 * ARGS: -q --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */

BEGIN
{
	print(sym(0xffffffff819fa1b3));
	printf("\n");
	print(mod(0xffffffff819fa1b3));
	printf("\n");
	print(uaddr(0xffffffff819fa1b3));
	exit(0);
}
