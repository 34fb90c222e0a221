/*
 * ASSERTION: a character constant packs up to eight bytes, the first one highest
 * SECTION: 1.6
 */

#pragma D option quiet

BEGIN
{
	printf("%d %x %x\n", 'a', 'ab', 'abcdefgh');
	printf("%d %d %d %d\n", '\n', '\0', '\'', '\x41');
	printf("%d\n", '\"\ba');
	exit(0);
}
