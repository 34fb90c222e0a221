/*
 * ASSERTION: a literal has the first type that can hold it; octal and hex may be unsigned, a plain decimal may not
 * SECTION: 1.5
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d\n", sizeof (1), sizeof (2147483648), sizeof (0x80000000));
	printf("%d %d %d\n", sizeof (1u), sizeof (1l), sizeof (1ull));
	printf("%d %d\n", 0x80000000, 0xffffffff);
	exit(0);
}
