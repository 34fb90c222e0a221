/*
 * ASSERTION: strings know C's escapes; an unknown one keeps its backslash, and a NUL ends the string
 * SECTION: 1.7
 */

#pragma D option quiet

BEGIN
{
	printf("a\tb\"c\\d\n");
	printf("\101\x42\103\n");
	printf("%s|%d\n", "x\qy", strlen("x\qy"));
	printf("%s|\n", "ab\0cd");
	exit(0);
}
