/*
 * ASSERTION: a character that begins no token is an error
 * SECTION: 1.2
 */

BEGIN
{
	trace(1 # 2);
	exit(0);
}
