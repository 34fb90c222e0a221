/*
 * ASSERTION: signed bit-fields extend their sign, unsigned ones do not
 * SECTION: 3.4
 */

#pragma D option quiet

struct b { int a : 3; unsigned int b : 3; long c : 40; unsigned char d : 1; };
struct b v;
BEGIN
{
	v.a = 7;
	v.b = 7;
	v.c = 0x8000000000;
	v.d = 3;
	printf("%d %d %x %d %d\n", v.a, v.b, v.c, v.d, sizeof (struct b));
	v.a = 3;
	v.b++;
	printf("%d %d\n", v.a, v.b);
	exit(0);
}
