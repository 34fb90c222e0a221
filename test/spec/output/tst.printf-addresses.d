/*
 * ASSERTION: %a, %A and %p without symbols
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("%a %A %p %#p\n", 0x1234, uaddr((uintptr_t)0x1234), 0x1234, (void *)0xffffffff81000000);
	printf("[%20a|%-20a|%?p|%-?p|%0?p]\n", 0x1234, 0x1234, 0x1234, 0x1234, 0x1234);
	printf("%a %A\n", sym(0x55), usym(0x66));
	exit(0);
}
