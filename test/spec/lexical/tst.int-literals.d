/*
 * ASSERTION: integer literals are decimal, octal after a leading 0, hexadecimal after 0x
 * SECTION: 1.5
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d %d\n", 10, 010, 0x10, 0XfF);
	printf("%d %u\n", 9223372036854775807, 18446744073709551615u);
	printf("%x\n", 0xffffffffffffffff);
	exit(0);
}
