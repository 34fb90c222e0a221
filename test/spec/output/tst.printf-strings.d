/*
 * ASSERTION: strings by width and precision; arrays of char end at their NUL
 * SECTION: 8.2
 */

#pragma D option quiet

char a[6];
BEGIN
{
	a[0] = 'h'; a[1] = 'i'; a[3] = 'x';
	printf("[%s][%5s][%-5s][%.2s][%5.1s]\n", "abc", "abc", "abc", "abc", "abc");
	printf("[%s][%S][%s]\n", a, a, "");
	exit(0);
}
