/*
 * ASSERTION: cleared values are the identity of their function
 * SECTION: 7.7
 */

#pragma D option quiet

BEGIN { @c = count(); @s = sum(5); @a = avg(5); @d = stddev(5); @m = min(5); @x = max(5); }
BEGIN { clear(@c); clear(@s); clear(@a); clear(@d); clear(@m); clear(@x); }
BEGIN { printa("%@d\n", @c); printa("%@d\n", @s); printa("%@d\n", @a); printa("%@d\n", @d); printa("%@d\n", @m); printa("%@d\n", @x); exit(0); }
