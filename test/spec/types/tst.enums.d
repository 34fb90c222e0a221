/*
 * ASSERTION: enumerators count on from the one before, are constants of type int, and are 4 bytes
 * SECTION: 3.7
 */

#pragma D option quiet

enum colour { RED, GREEN = 5, BLUE, DARK = -1 };
BEGIN
{
	this->c = (enum colour)6;
	printf("%d %d %d %d %d\n", RED, GREEN, BLUE, DARK, sizeof (enum colour));
	printf("%d %d\n", this->c == BLUE, BLUE | 8);
	exit(0);
}
