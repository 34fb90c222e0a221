/*
 * ASSERTION: an associative array has one value per tuple of keys; an absent element is 0
 * SECTION: 3.8
 */

#pragma D option quiet

BEGIN
{
	a["x", 1] = 10; a["x", 2] = 20; a["y", 1] = 30;
	a["x", 1]++; a["z", 9] += 5;
	printf("%d %d %d %d %d\n", a["x", 1], a["x", 2], a["y", 1], a["z", 9], a["none", 0]);
	s[1] = "one";
	printf("<%s> <%s>\n", s[1], s[2]);
	exit(0);
}
