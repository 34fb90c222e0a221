/*
 * ASSERTION: entries print by value, then by key; columns are as wide as the keys' types
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN
{
	@a["text", 1] = sum(5); @a["text", 2] = sum(-3); @a["also", 7] = sum(5);
	@b[(char)7, (short)8, 9, (int64_t)10] = count();
	exit(0);
}
