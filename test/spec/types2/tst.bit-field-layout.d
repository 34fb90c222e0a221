/*
 * ASSERTION: bit-fields are laid out as by the C compiler
 * SECTION: 3.4
 */

#pragma D option quiet

struct a { char c; int x : 4; int y : 28; };
struct b { int x : 30; int y : 4; };
struct c { int x : 3; int : 6; int y : 3; };
struct d { char c; long x : 8; };
BEGIN
{
	printf("%d %d %d %d\n", sizeof (struct a), sizeof (struct b), sizeof (struct c), sizeof (struct d));
	exit(0);
}
