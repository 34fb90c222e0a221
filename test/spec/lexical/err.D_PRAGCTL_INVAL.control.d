/*
 * ASSERTION: an unknown control line is an error
 * SECTION: 1.8
 */

#nosuch thing
BEGIN
{
	exit(0);
}
