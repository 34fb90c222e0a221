/*
 * ASSERTION: aggsortpos chooses the aggregation whose values order a joint printa
 * SECTION: 7.5
 * ARGS: -x aggsortpos=1
 */

#pragma D option quiet

BEGIN { @a["x"] = sum(1); @a["y"] = sum(2); @b["x"] = sum(20); @b["y"] = sum(10); }
BEGIN { printa("%s %@d %@d\n", @a, @b); exit(0); }
