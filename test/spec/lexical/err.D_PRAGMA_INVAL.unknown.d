/*
 * ASSERTION: an unknown D pragma is an error
 * SECTION: 1.8
 */

#pragma D nosuch thing
BEGIN
{
	exit(0);
}
