/*
 * ASSERTION: addresses that no symbol covers print as numbers, of users as of the kernel
 * SECTION: 8.7
 * ARGS: --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */

#pragma D option quiet

BEGIN
{
	sym(0x401000); mod(0x401000); usym(0x401000); umod(0xffffffffffffffff);
	printf("|%a %a %A|\n", 0x401000, 0, usym(0x401000));
	exit(0);
}
