/*
 * ASSERTION: what a commit cannot put into the principal buffer is dropped there
 * SECTION: 6.3
 */

#pragma D option quiet
#pragma D option bufsize=64

BEGIN { id0 = speculation(); }
BEGIN { speculate(id0); printf("1 %d\n", 1); }
BEGIN { speculate(id0); printf("2 %d\n", 2); }
BEGIN { speculate(id0); printf("3 %d\n", 3); }
END { commit(id0); }
BEGIN { exit(0); }
