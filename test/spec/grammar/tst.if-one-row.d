/*
 * ASSERTION: an if is a branch within one clause: one enabling and one row of output
 * SECTION: 2.2
 */

BEGIN
{
	trace(1);
	if (1) { trace(2); } else { trace(3); }
	exit(0);
}
