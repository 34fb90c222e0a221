/*
 * ASSERTION: normalize divides the printed number of every function
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN
{
	@c = count(); @c = count(); @c = count(); @s = sum(101); @m = max(55); @n = min(-55); @a = avg(40); @a = avg(60); @d = stddev(0); @d = stddev(100);
	normalize(@c, 2); normalize(@s, 10); normalize(@m, 10); normalize(@n, 10); normalize(@a, 5); normalize(@d, 5);
	printa("%@d\n", @c); printa("%@d\n", @s); printa("%@d\n", @m); printa("%@d\n", @n); printa("%@d\n", @a); printa("%@d\n", @d);
	exit(0);
}
