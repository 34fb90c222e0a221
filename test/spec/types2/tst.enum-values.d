/*
 * ASSERTION: enumerators count on from the last value and are ints
 * SECTION: 3.7
 */

#pragma D option quiet

enum color { RED, GREEN = 5, BLUE, NEGATIVE = -3, NEXT };
enum color c;
BEGIN
{
	c = BLUE;
	printf("%d %d %d %d %d %d\n", RED, GREEN, BLUE, NEGATIVE, NEXT, sizeof (enum color));
	printf("%d %d %d\n", c == BLUE, c < GREEN, c + 1);
	printf("%d\n", c == 6 ? GREEN | 2 : 0);
	exit(0);
}
