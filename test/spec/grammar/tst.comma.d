/*
 * ASSERTION: the comma operator yields its last operand
 * SECTION: 2.4
 */

#pragma D option quiet

BEGIN
{
	x = (1, 2, 3);
	i = 0, j = 4;
	printf("%d %d %d\n", x, i, j);
	exit(0);
}
