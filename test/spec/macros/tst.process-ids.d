/*
 * ASSERTION: $pid is the pid variable; the other ids are ids
 * SECTION: 1.9
 * ARGS: -q
 */

BEGIN { printf("%d %d %d %d\n", $pid == pid, $ppid > 0, $uid == $euid, $gid == $egid); exit(0); }
