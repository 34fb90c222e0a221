/*
 * ASSERTION: an element may be a struct; storing a member makes the element, with zeroes elsewhere
 * SECTION: 3.8
 */

#pragma D option quiet

struct pair { int a, b; };
struct pair p[int];
BEGIN
{
	p[1].a = 4; p[1].b = 5; p[2].a = 6;
	printf("%d %d %d %d\n", p[1].a, p[1].b, p[2].a, p[2].b);
	p[1].a = 0;
	printf("%d %d\n", p[1].a, p[1].b);
	exit(0);
}
