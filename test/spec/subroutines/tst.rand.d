/*
 * ASSERTION: rand gives ints, not always the same one
 * SECTION: 5
 */

#pragma D option quiet
BEGIN
{
	a = rand();
	b = rand();
	c = rand();
	printf("%d %d\n", sizeof (a), a == b && b == c);
	exit(0);
}
