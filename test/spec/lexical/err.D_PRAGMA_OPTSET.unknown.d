/*
 * ASSERTION: an unknown option in a pragma is an error
 * SECTION: 1.8
 */

#pragma D option nosuch=1
BEGIN
{
	exit(0);
}
