/*
 * ASSERTION: %C and %S show escapes, %c the low byte
 * SECTION: 8.2
 */

#pragma D option quiet

BEGIN
{
	printf("[%c%c%c]", 'a', 0x141, '\n');
	printf("[%C%C%C%C%C%C%C]", 'a', '\n', '\0', '\\', '"', 1, 0xff);
	printf("[%S]", "tab\tquote\"back\\nl\nbell\a\001");
	printf("[%8C|%-8C|%12S|%.3S]\n", '\t', '\t', "a\tb", "abcdef");
	exit(0);
}
