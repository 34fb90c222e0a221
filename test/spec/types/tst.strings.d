/*
 * ASSERTION: strings compare byte by byte as unsigned bytes, and index and add like a char *
 * SECTION: 3.2
 */

#pragma D option quiet

BEGIN
{
	s = "abc";
	printf("%d %d %d %d\n", s == "abc", s < "abd", s > "ab", "a\377" > "ab");
	printf("%c %s %d\n", s[1], stringof(s + 1), "" == NULL);
	printf("%d %d\n", sizeof ("abc"), sizeof (string));
	exit(0);
}
