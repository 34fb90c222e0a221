/*
 * ASSERTION: library actions in a speculation happen when it is committed
 * SECTION: 6.5
 */

#pragma D option quiet

BEGIN { id0 = speculation(); @["k"] = sum(5); }
BEGIN { speculate(id0); printa("then %@d\n", @); }
BEGIN { @["k"] = sum(6); printf("before\n"); }
BEGIN { commit(id0); }
BEGIN { exit(0); }
END { clear(@); }
