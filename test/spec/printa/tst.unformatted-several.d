/*
 * ASSERTION: printa of several without a format prints a column each, missing values as 0
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a["x"] = sum(1); @a["y"] = sum(2); @b["y"] = sum(3); @b["z"] = sum(4); printa(@a, @b); exit(0); }
