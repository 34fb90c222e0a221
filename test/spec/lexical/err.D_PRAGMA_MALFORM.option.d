/*
 * ASSERTION: an option pragma wants exactly one word
 * SECTION: 1.8
 */

#pragma D option quiet strsize=10
BEGIN
{
	exit(0);
}
