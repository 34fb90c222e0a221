/*
 * ASSERTION: %c prints the low byte, %C and %S show what cannot be printed as escapes
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("%c%c %C %C %C\n", 'a', 0x162, 'x', '\n', 1);
	printf("%S|%s\n", "a\tb\"\001", "plain");
	exit(0);
}
