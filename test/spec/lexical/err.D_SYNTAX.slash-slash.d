/*
 * ASSERTION: there are no comments to the end of a line
 * SECTION: 1.2
 */

BEGIN
{
	exit(0); // no
}
