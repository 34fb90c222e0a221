/*
 * ASSERTION: trunc keeps the n largest values, with a negative n the smallest, without n none
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN
{
	@a[1] = sum(10); @a[2] = sum(30); @a[3] = sum(20); @b[1] = sum(10); @b[2] = sum(30); @b[3] = sum(20);
	@c[1] = sum(1);
}
BEGIN { trunc(@a, 2); trunc(@b, -1); trunc(@c); printa("a %d %@d\n", @a); printa("b %d %@d\n", @b); printa("c %d %@d\n", @c); exit(0); }
