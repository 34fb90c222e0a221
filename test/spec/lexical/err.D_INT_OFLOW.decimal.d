/*
 * ASSERTION: a plain decimal constant above 2^63-1 has no type
 * SECTION: 1.5
 */

BEGIN
{
	trace(9223372036854775808);
	exit(0);
}
