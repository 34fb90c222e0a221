/*
 * ASSERTION: comments do not nest
 * SECTION: 1.2
 */

BEGIN
{
	/* outer /* inner */
	exit(0);
}
