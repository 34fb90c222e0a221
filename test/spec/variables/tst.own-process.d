/*
 * ASSERTION: in probes of our own the process is ours: pid, ppid, uid, gid and progenyof say so
 * SECTION: 4
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d %d %d\n", pid == $pid, ppid == $ppid, uid == $uid, gid == $gid);
	printf("%d %d %d\n", progenyof(pid), progenyof(ppid), progenyof($ppid));
	printf("%d %d\n", progenyof(-1), progenyof(1 << 30));
}
BEGIN { x = *(int *)0; }
ERROR { printf("%d %d\n", ppid == $ppid, progenyof($ppid)); exit(0); }
END { printf("%d %d\n", uid == $uid, progenyof($pid)); }
