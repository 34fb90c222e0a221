/*
 * ASSERTION: with defaultargs a missing $N is 0 and a missing $$N the empty string
 * SECTION: 1.9
 */

#pragma D option quiet

#pragma D option defaultargs
BEGIN
{
	printf("%d <%s>\n", $1, $$2);
	exit(0);
}
