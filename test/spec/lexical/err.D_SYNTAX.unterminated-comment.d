/*
 * ASSERTION: a comment that never ends is an error
 * SECTION: 1.2
 */

BEGIN
{
	exit(0);
}
/* and then
