/*
 * ASSERTION: a global begins as 0 or empty, has the type of its first assignment, and is shared by all clauses
 * SECTION: 3.8
 */

#pragma D option quiet

int declared;
BEGIN
{
	n++;
	text = "one";
	printf("%d %d %s\n", declared, n, text);
}
BEGIN { n += 10; text = "two"; }
BEGIN { printf("%d %s\n", n, text); exit(0); }
