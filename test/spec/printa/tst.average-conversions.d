/*
 * ASSERTION: averages and deviations print as integers whatever the letter
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a = avg(16); @a = avg(18); @s = stddev(2); @s = stddev(4); printa("%@d %@x %@6u|\n", @a); printa("%@d %@x|\n", @s); exit(0); }
