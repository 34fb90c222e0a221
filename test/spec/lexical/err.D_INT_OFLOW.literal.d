/*
 * ASSERTION: a constant above 2^64-1 is an error
 * SECTION: 1.5
 */

BEGIN
{
	trace(18446744073709551616);
	exit(0);
}
