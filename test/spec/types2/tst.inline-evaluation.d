/*
 * ASSERTION: the argument of an inline is evaluated at each use
 * SECTION: 3.9
 */

#pragma D option quiet

inline int twice[int x] = x + x;
BEGIN
{
	i = 1;
	printf("%d\n", twice[i++]);
	printf("%d\n", i);
	exit(0);
}
