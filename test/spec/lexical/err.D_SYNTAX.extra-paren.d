/*
 * ASSERTION: a closing parenthesis without an opening one is an error
 * SECTION: 1.4
 */

BEGIN
{
	trace(1));
	exit(0);
}
