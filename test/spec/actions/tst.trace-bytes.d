/*
 * ASSERTION: a struct is traced as a dump of its bytes
 * SECTION: 8.5
 */

#pragma D option quiet

struct pair { int a, b; };
struct pair v;
BEGIN
{
	v.a = 0x01020304; v.b = -1;
	trace(v);
	exit(0);
}
