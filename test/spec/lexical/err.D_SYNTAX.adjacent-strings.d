/*
 * ASSERTION: adjacent string literals are not joined
 * SECTION: 1.7
 */

BEGIN
{
	trace("one" "two");
	exit(0);
}
