/*
 * ASSERTION: #error stops the compilation with its words
 * SECTION: 1.8
 */

#error not here
BEGIN
{
	exit(0);
}
