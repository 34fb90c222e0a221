/*
 * ASSERTION: sorting options change between two printings
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN
{
	@[1] = sum(20); @[2] = sum(10);
	printa("%d %@d\n", @);
	setopt("aggsortkey");
	printa("%d %@d\n", @);
	setopt("aggsortrev", "on");
	printa("%d %@d\n", @);
	setopt("aggsortkey", "unset");
	printa("%d %@d\n", @);
	exit(0);
}
