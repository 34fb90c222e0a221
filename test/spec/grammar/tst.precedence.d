/*
 * ASSERTION: operators bind as in C, with ^^ between && and ||
 * SECTION: 2.4
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d\n", 2 + 3 * 4, 1 << 2 + 1, 6 & 3 == 3);
	printf("%d %d %d\n", 1 | 6 ^ 3 & 2, -2 * 3 % 4, 10 - 4 - 3);
	printf("%d %d %d\n", 1 || 0 ^^ 1, 1 ^^ 1 && 0, 1 ? 2 : 0 ? 3 : 4);
	printf("%d %d\n", !0 + 1, ~1 + 1);
	x = y = 3;
	x += y *= 2;
	printf("%d %d\n", x, y);
	exit(0);
}
