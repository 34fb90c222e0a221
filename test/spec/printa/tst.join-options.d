/*
 * ASSERTION: sorting options hold for joined aggregations
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN { @a["p"] = sum(1); @a["q"] = sum(2); @b["r"] = sum(5); @b["p"] = sum(-1); }
BEGIN { setopt("aggsortkey"); printa("%s %@d %@d\n", @a, @b); printf("-\n"); }
BEGIN { setopt("aggsortrev"); printa("%s %@d %@d\n", @a, @b); printf("-\n"); }
BEGIN { setopt("aggsortkey", "off"); setopt("aggsortpos", "1"); printa("%s %@d %@d\n", @a, @b); exit(0); }
