/*
 * ASSERTION: -x demangle=no leaves names as the linker has them
 * SECTION: 8.7
 * ARGS: -x demangle=no --symbols test/spec/symbols/mangled.nm
 */

#pragma D option quiet

BEGIN
{
	printf("%a\n%a\n%a\n%a\n", 0x1010, 0x2004, 0x3000, 0x4001);
	exit(0);
}
