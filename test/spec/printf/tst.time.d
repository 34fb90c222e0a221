/*
 * ASSERTION: %Y prints nanoseconds since 1970 as a date, %T in the style of date(1)
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("%Y|%T\n", (int64_t)123783600 * 1000000000, (int64_t)0);
	exit(0);
}
