/*
 * ASSERTION: END prints what no printa printed
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a = sum(1); @b = sum(2); @c = sum(3); printa("b is %@d\n", @b); printa(@c); exit(0); }
