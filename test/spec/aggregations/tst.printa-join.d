/*
 * ASSERTION: printa of several aggregations joins their keys; a missing value is 0, and a further %@ repeats the last
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a["x"] = count(); @b["x"] = sum(7); @b["y"] = sum(3); @a["z"] = count(); }
BEGIN { printa("%-3s %@d %@d %@d\n", @a, @b); printa(@a, @b); exit(0); }
