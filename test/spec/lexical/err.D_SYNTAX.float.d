/*
 * ASSERTION: floating-point constants are recognised and refused
 * SECTION: 1.5
 */

BEGIN
{
	trace(1.5);
	exit(0);
}
