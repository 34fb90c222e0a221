/*
 * ASSERTION: ftruncate empties a regular file, and output goes on from its start
 * SECTION: 6.1
 * ARGS: -w
 */

#pragma D option quiet

BEGIN
{
	freopen("/tmp/trapline-spec-ftruncate.%d", $pid);
	printf("a long line that goes away\n");
	ftruncate();
	printf("kept\n");
	printf("too\n");
	freopen("");
	system("cat /tmp/trapline-spec-ftruncate.$PPID; rm /tmp/trapline-spec-ftruncate.$PPID");
	exit(0);
}
