/*
 * ASSERTION: strjoin concatenates, and its result is cut to strsize
 * SECTION: 5
 * ARGS: -x strsize=6
 */

#pragma D option quiet

BEGIN
{
	s = strjoin("abc", strjoin("def", "ghi"));
	printf("%s %d %s|\n", s, strlen(s), strjoin("", ""));
	exit(0);
}
