/*
 * ASSERTION: the predicate has its type before actions are checked
 * SECTION: 6.2
 */

BEGIN
/"text"/
{
	trace((void)1);
}
