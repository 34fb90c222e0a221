/*
 * ASSERTION: a cast truncates to its type and extends by that type's sign
 * SECTION: 3.3
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d\n", (char)0x181, (unsigned char)0x181, (short)0xffff);
	printf("%d %d\n", (int)0xfffffffff, (unsigned int)-1);
	printf("%x %d\n", (uint32_t)-1 + 0ull, (int64_t)(uint8_t)-1);
	printf("%d\n", (uint64_t)-1 > 0);
	exit(0);
}
