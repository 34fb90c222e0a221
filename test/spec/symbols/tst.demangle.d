/*
 * ASSERTION: names of Rust and C++ print as their sources have them, and what no demangler knows as it is
 * SECTION: 8.7
 * ARGS: --symbols test/spec/symbols/mangled.nm
 */

#pragma D option quiet

BEGIN
{
	printf("%a\n%a\n%a\n%a\n", 0x1010, 0x2004, 0x3000, 0x4001);
	exit(0);
}
