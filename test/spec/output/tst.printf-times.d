/*
 * ASSERTION: times print in local time, before 1970, too
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("%Y|%T\n", (int64_t)0, (int64_t)0);
	printf("%Y|%T\n", (int64_t)123786000000000000, (int64_t)123786000999999999);
	printf("%Y|%T\n", (int64_t)-1, (int64_t)-1000000000);
	printf("%30Y|%-30Y|\n", (int64_t)86400000000000, (int64_t)86400000000000);
	exit(0);
}
