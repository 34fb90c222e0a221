/*
 * ASSERTION: END may commit
 * SECTION: 6.3
 */

#pragma D option quiet


BEGIN { id0 = speculation(); }
BEGIN { speculate(id0); printf("from BEGIN\n"); }
BEGIN { exit(0); }
END { commit(id0); }
END { printf("after\n"); }
