/*
 * ASSERTION: NULL goes with every pointer and with strings
 * SECTION: 3.6
 */

#pragma D option quiet

BEGIN
{
	p = (int *)NULL;
	s = strchr("abc", 'z');
	printf("%d %d %d\n", p == NULL, s == NULL, s == "");
	p = 0;
	printf("%d %d\n", !p, sizeof (NULL));
	exit(0);
}
