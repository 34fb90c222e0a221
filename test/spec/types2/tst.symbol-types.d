/*
 * ASSERTION: symbolic addresses are keys and arguments of their own kind
 * SECTION: 3.1
 */

#pragma D option quiet

BEGIN
{
	@k[sym(0x1000)] = count();
	@u[usym(0x2000)] = count();
	printf("%a %A\n", sym(0x1000), usym(0x2000));
	trace(func(0x3000));
	printf("\n");
	exit(0);
}
