/*
 * ASSERTION: two statements need a semicolon between them
 * SECTION: 2.1
 */

BEGIN
{
	x = 1
	y = 2;
}
