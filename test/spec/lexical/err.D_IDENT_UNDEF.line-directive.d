/*
 * ASSERTION: after #line messages carry the given file and line
 * SECTION: 1.8
 */

#line 100 "other.d"
BEGIN
{
	trace(nosuch);
}
