/*
 * ASSERTION: aggsortpos turns to another aggregation for the order; out of range it is 0
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN
{
	@a["p"] = sum(1); @a["q"] = sum(2); @a["r"] = sum(3);
	@b["p"] = sum(5); @b["q"] = sum(4); @b["r"] = sum(6);
	setopt("aggsortpos", "1");
	printa("%s %@d %@d\n", @a, @b);
	setopt("aggsortpos", "7");
	printa("%s %@d %@d\n", @a, @b);
	exit(0);
}
