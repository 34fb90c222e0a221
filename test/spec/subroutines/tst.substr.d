/*
 * ASSERTION: substr counts a negative index from the end and stops a negative length before it
 * SECTION: 5.1
 */

#pragma D option quiet

BEGIN
{
	printf("%s|%s|%s|%s\n", substr("abcdef", 2), substr("abcdef", 2, 2), substr("abcdef", -2), substr("abcdef", -3, 2));
	printf("%s|%s|%s|%s\n", substr("abcdef", -10), substr("abcdef", -10, 5), substr("abcdef", -10, 6), substr("abcdef", 1, -1));
	printf("%s|%s|%s|%s|\n", substr("abcdef", 1, -5), substr("abcdef", 6), substr("abcdef", 3, 0), substr("", 0));
	exit(0);
}
