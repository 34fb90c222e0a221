/*
 * ASSERTION: empty statements are allowed and the last semicolon is optional
 * SECTION: 2.1
 */

#pragma D option quiet

BEGIN
{
	;; trace(1);; exit(0)
}
