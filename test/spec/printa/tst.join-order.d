/*
 * ASSERTION: joined rows sort by the first aggregation, then the next, then keys
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN
{
	@a["p"] = sum(1); @a["q"] = sum(1); @a["r"] = sum(0);
	@b["p"] = sum(9); @b["q"] = sum(3); @b["s"] = sum(-1);
	printa("%s %@d %@d\n", @a, @b);
	exit(0);
}
