/*
 * ASSERTION: print writes a value with its type, members by name
 * SECTION: 8.6
 */

#pragma D option quiet

struct inner { char c; unsigned int flags : 3; };
struct outer { int a; short v[2]; struct inner in; };
struct outer o;
BEGIN
{
	o.a = 31; o.v[0] = 1; o.v[1] = -1; o.in.c = 'x'; o.in.flags = 5;
	print(o);
	printf("\n");
	print(o.a);
	exit(0);
}
