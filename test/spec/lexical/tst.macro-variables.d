/*
 * ASSERTION: macro variables are integers, and strings with two dollar signs
 * SECTION: 1.9
 */

#pragma D option quiet
#ident "ignored"
BEGIN
{
	printf("%d %d %d\n", $target, $projid, $taskid);
	printf("%d %d %d\n", $pid == pid, $ppid > 0, $pgid > 0);
	printf("%d %d\n", $uid == $euid, $gid == $egid);
	printf("%d %s %d\n", sizeof ($sid), $$target, strlen($$sid) > 0);
	exit(0);
}
