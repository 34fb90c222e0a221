/*
 * ASSERTION: @+0xOFFSET moves symbols by so much, @0xADDR to where their first is
 * SECTION: 8.7
 * ARGS: --symbols test/spec/symbols/mangled.nm@+0x10000 --symbols test/spec/symbols/mangled.nm@0xffffffff80000000
 */

#pragma D option quiet

BEGIN
{
	printf("%a %a %a\n", 0x13000, 0xffffffff80002001, 0x3000);
	exit(0);
}
