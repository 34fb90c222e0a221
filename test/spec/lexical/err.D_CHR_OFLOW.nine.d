/*
 * ASSERTION: nine bytes do not fit a character constant
 * SECTION: 1.6
 */

BEGIN
{
	trace('abcdefghi');
	exit(0);
}
