/*
 * ASSERTION: keys of different size and equal value join
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a[(long)5] = sum(1); @b[5] = sum(2); printa("%d %@d %@d\n", @a, @b); exit(0); }
