/*
 * ASSERTION: basename and dirname follow POSIX; cleanpath joins what . and .. leave
 * SECTION: 5
 */

#pragma D option quiet

BEGIN
{
	printf("%s %s %s %s %s\n", basename("/a/b"), basename("/a/b/"), basename("a"), basename("/"), basename(""));
	printf("%s %s %s %s %s\n", dirname("/a/b"), dirname("/a/b/"), dirname("a"), dirname("/a"), dirname("a//b"));
	printf("%s %s %s\n", cleanpath("//a//b"), cleanpath("/a/./b"), cleanpath("/a/../b"));
	printf("%s %s\n", cleanpath("/foo/bar/baz/"), cleanpath("./a"));
	exit(0);
}
