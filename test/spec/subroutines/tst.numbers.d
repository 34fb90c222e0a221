/*
 * ASSERTION: lltostr writes and strtoll reads integers in bases 2 to 36
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	printf("%s %s %s %s %s\n", lltostr(0), lltostr(255, 16), lltostr(255, 8), lltostr(255, 2), lltostr(35, 36));
	printf("%s %s %s\n", lltostr(-1), lltostr(-1, 16), lltostr(0, 16));
	printf("%d %d %d %d\n", strtoll(" \t-42x"), strtoll("0x1f", 16), strtoll("777", 8), strtoll("z", 36));
	printf("%d %d\n", strtoll("none"), strtoll("0x1f"));
	exit(0);
}
