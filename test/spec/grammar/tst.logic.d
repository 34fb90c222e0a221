/*
 * ASSERTION: && and || evaluate their right side only when needed, ^^ always both; ?: only the chosen arm
 * SECTION: 2.4
 */

#pragma D option quiet

BEGIN
{
	n = 0;
	a = 0 && ++n;
	b = 1 || ++n;
	c = 1 ^^ ++n;
	d = 1 ? 5 : ++n;
	printf("%d %d %d %d, n = %d\n", a, b, c, d, n);
	printf("%d %d %d\n", 7 && -1, 0 ^^ 9, 8 ^^ 9);
	exit(0);
}
