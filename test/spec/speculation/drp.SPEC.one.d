/*
 * ASSERTION: a record that does not fit its speculation is dropped, the rest is kept
 * SECTION: 6.3
 */

#pragma D option quiet
#pragma D option specsize=80
#pragma D option strsize=40

BEGIN { id0 = speculation(); }
BEGIN { speculate(id0); printf("%d\n", 1); }
BEGIN { speculate(id0); printf("%s\n", probename); }
BEGIN { speculate(id0); printf("%d\n", 3); }
BEGIN { commit(id0); }
BEGIN { exit(0); }
