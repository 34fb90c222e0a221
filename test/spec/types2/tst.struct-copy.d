/*
 * ASSERTION: a struct is copied as a whole, into elements too
 * SECTION: 3.4
 */

#pragma D option quiet

struct in { int a; int b[3]; };
struct in x; struct in y;
struct in z[int];
BEGIN
{
	x.a = 1;
	x.b[2] = 3;
	y = x;
	x.a = 9;
	z[1] = y;
	y.b[2] = 8;
	printf("%d %d %d %d\n", y.a, y.b[2], z[1].a, z[1].b[2]);
	exit(0);
}
