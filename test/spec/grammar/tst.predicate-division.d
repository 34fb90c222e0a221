/*
 * ASSERTION: a slash ends a predicate only before { or another slash
 * SECTION: 2.5
 */

#pragma D option quiet

BEGIN
/12 / 4 == 3/
{
	trace("divided");
	exit(0);
}
