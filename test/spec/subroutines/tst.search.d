/*
 * ASSERTION: strchr, strrchr and strstr give the rest of the string from a match, or NULL
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	printf("%s|%s|%s\n", strchr("abcabc", 'b'), strrchr("abcabc", 'b'), strstr("abcabc", "ca"));
	printf("%d %d %d\n", strchr("abc", 'z') == NULL, strrchr("abc", 'z') == NULL, strstr("abc", "zz") == NULL);
	printf("<%s> <%s>\n", strchr("abc", '\0'), strstr("abc", ""));
	exit(0);
}
