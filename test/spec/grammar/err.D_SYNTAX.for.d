/*
 * ASSERTION: there are no loops: for is reserved and unused
 * SECTION: 2.1
 */

BEGIN
{
	for (i = 0; i < 3; i++) trace(i);
}
