/*
 * ASSERTION: an inline sees the variables' values at its use
 * SECTION: 3.9
 */

#pragma D option quiet

int n;
inline int LIMIT = 4 * 2;
inline int scaled[int by, int plus] = n * by + plus;
inline string greeting = "hello";
int table[LIMIT];
BEGIN
{
	n = 3; a = scaled[10, 1];
	n = 4; b = scaled[n, LIMIT];
	printf("%d %d %s %d\n", a, b, greeting, sizeof (table));
	exit(0);
}
