/*
 * ASSERTION: a string holds strsize characters; longer ones are cut when stored
 * SECTION: 3.2
 * ARGS: -x strsize=5
 */

#pragma D option quiet

BEGIN
{
	s = "abcdefgh";
	printf("%s %d %d\n", s, strlen(s), sizeof (s));
	exit(0);
}
