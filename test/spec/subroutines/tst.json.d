/*
 * ASSERTION: json selects a member or element and gives it as text, or NULL
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	j = "{\"a\": {\"b\": [10, \"x\", {\"c\": null}]}, \"t\": true}";
	printf("%s %s %s %s\n", json(j, "a.b[0]"), json(j, "a.b[1]"), json(j, "a.b[2].c"), json(j, "t"));
	printf("%s %d %d\n", json(j, "a.b[2]"), json(j, "nosuch") == NULL, strtoll(json(j, "a.b[0]")) + 1);
	printf("%d\n", json(j, "") == NULL);
	exit(0);
}
