/*
 * ASSERTION: speculate(0) records nothing for the rest of its clause; commit(0) and discard(0) do nothing
 * SECTION: 6.3
 */

#pragma D option quiet

BEGIN { speculate(0); printf("never\n"); }
BEGIN { commit(0); }
BEGIN { discard(0); printf("on\n"); exit(0); }
