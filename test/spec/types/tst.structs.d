/*
 * ASSERTION: struct members lie where C puts them; members are written and read with . and copied whole
 * SECTION: 3.4
 */

#pragma D option quiet

struct point { char tag; int x; short y; };
struct point a, b;
BEGIN
{
	a.tag = 'p'; a.x = -5; a.y = 7;
	b = a;
	a.x = 1;
	printf("%c %d %d, %d\n", b.tag, b.x, b.y, a.x);
	printf("%d %d %d %d\n", sizeof (struct point), offsetof(struct point, tag),
	    offsetof(struct point, x), offsetof(struct point, y));
	exit(0);
}
