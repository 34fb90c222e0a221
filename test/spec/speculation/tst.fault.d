/*
 * ASSERTION: a fault in a clause that speculates leaves nothing in the speculation
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { id0 = speculation(); }
BEGIN { speculate(id0); printf("lost %d\n", 1 / zero); }
BEGIN { speculate(id0); printf("kept\n"); }
BEGIN { commit(id0); }
BEGIN { exit(0); }
