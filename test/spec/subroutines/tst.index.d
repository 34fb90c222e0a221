/*
 * ASSERTION: index and rindex give a position or -1, honour a start, and find the empty string
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	s = "hello world";
	printf("%d %d %d %d\n", index(s, "o"), index(s, "o", 5), index(s, "o", 8), index("hello", ""));
	printf("%d %d %d %d\n", index("hello", "", 9), index("", "x"), index("", ""), index(s, "h", -4));
	printf("%d %d %d %d %d\n", rindex(s, "o"), rindex(s, "o", 5), rindex(s, "o", -1), rindex("hello", ""), rindex("hello", "", -3));
	exit(0);
}
