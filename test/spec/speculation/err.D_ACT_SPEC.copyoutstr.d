/*
 * ASSERTION: an expression that calls copyoutstr is destructive, so it may not follow speculate
 * SECTION: 6.2
 */
BEGIN
{
	speculate(1);
	copyoutstr("abc", 16, 4);
}
