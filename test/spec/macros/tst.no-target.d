/*
 * ASSERTION: without -p and -c $target is 0, as are $projid and $taskid
 * SECTION: 1.9
 * ARGS: -q
 */

BEGIN { printf("%d %d %d [%s]\n", $target, $projid, $taskid, $$target); exit(0); }
