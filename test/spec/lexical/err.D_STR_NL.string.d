/*
 * ASSERTION: a string literal does not span lines
 * SECTION: 1.7
 */

BEGIN
{
	trace("one
two");
	exit(0);
}
