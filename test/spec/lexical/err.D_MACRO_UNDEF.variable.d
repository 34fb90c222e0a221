/*
 * ASSERTION: an unknown macro variable is an error
 * SECTION: 1.9
 */

BEGIN
{
	trace($nosuch);
	exit(0);
}
