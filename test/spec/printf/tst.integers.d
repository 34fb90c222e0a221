/*
 * ASSERTION: %d follows the argument's sign, %i is signed, %u %o %x print the value at its own size
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %i\n", -1, (unsigned int)-1, (unsigned int)-1);
	printf("%u %x %o\n", -1, -1, (short)-1);
	printf("%x %x %X\n", (char)-1, (int64_t)-1, 0xabcdef);
	printf("%d %d %x\n", (char)200, (short)-3, ~0);
	exit(0);
}
