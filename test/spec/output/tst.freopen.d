/*
 * ASSERTION: freopen appends to a file, also what system prints; an empty name restores
 * SECTION: 6.1
 * ARGS: -w
 */

#pragma D option quiet

BEGIN
{
	system("rm -f /tmp/trapline-spec-freopen.$PPID");
	freopen("/tmp/trapline-spec-freopen.%d", $pid);
	printf("one\n");
	system("echo two");
	printf("three\n");
	freopen("");
	printf("back\n");
	system("cat /tmp/trapline-spec-freopen.$PPID; rm /tmp/trapline-spec-freopen.$PPID");
	exit(0);
}
