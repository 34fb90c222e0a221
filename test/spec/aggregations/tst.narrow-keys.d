/*
 * ASSERTION: keys of 1 and 2 bytes print without sign, those of 4 and 8 bytes with it
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN
{
	@c[(char)-2] = count(); @s[(short)-1] = count();
	@i[(unsigned int)-1] = count(); @l[(uint64_t)-1] = count();
	exit(0);
}
