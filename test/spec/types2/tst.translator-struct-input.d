/*
 * ASSERTION: a translator reads the members of its input
 * SECTION: 3.10
 */

#pragma D option quiet

struct in { int a; short b; };
struct out { long sum; };
translator struct out < struct in *p > { sum = p->a + p->b; };
BEGIN
{
	this->i = (struct in *)alloca(sizeof (struct in));
	this->i->a = 40;
	this->i->b = 2;
	printf("%d\n", xlate < struct out * > (this->i)->sum);
	exit(0);
}
