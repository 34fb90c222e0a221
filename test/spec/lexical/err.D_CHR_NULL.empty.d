/*
 * ASSERTION: an empty character constant is an error
 * SECTION: 1.6
 */

BEGIN
{
	trace('');
	exit(0);
}
