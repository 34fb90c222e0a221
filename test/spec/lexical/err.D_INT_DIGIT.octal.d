/*
 * ASSERTION: the digit 8 is illegal after a leading 0
 * SECTION: 1.5
 */

BEGIN
{
	trace(018);
	exit(0);
}
