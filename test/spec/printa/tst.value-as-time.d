/*
 * ASSERTION: %@ prints times and addresses, too
 * SECTION: 7.6
 */

#pragma D option quiet

BEGIN
{
	@ = max(123456789000000000);
	printa("%@Y|%@22Y|%@-22Y|\n%@T\n%@a|%@p|%@#x|%@o\n", @);
	@n = min(-1);
	printa("%@d %@i %@u %@x %@X %@o\n", @n);
	exit(0);
}
