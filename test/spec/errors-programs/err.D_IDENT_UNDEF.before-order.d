/*
 * ASSERTION: the order of actions is checked after each clause
 * SECTION: 6.2
 */

BEGIN
{
	trace(1);
	commit(2);
	trace(nothing);
}
