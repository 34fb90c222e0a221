/*
 * ASSERTION: a syntax error names the line, the place and the token
 * SECTION: 11
 */

BEGIN
{
	trace(1 +);
}
