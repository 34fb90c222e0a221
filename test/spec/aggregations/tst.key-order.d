/*
 * ASSERTION: entries of the same value are sorted by key, strings as bytes
 * SECTION: 7.5
 */

#pragma D option quiet

BEGIN
{
	@["b", 2] = count(); @["b", 10] = count(); @["a", 3] = count(); @["B", 1] = count(); @["ab", 0] = count();
	exit(0);
}
