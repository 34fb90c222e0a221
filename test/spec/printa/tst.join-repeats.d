/*
 * ASSERTION: %@ takes one aggregation after the other and then repeats the last
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a["x"] = sum(1); @b["x"] = sum(2); printa("%s %@d %@d %@d %@d\n", @a, @b); printa("%@d %@d %s\n", @a); exit(0); }
