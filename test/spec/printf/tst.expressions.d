/*
 * ASSERTION: arguments are expressions of any kind
 * SECTION: 8.1
 */

#pragma D option quiet

BEGIN
{
	x = 3;
	printf("%s %d %d %d\n", x > 2 ? "big" : "small", x++ + 1, x, sizeof (x));
	exit(0);
}
