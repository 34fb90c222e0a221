/*
 * ASSERTION: speculate(0) skips the rest of the clause silently; commit(0) and discard(0) do nothing
 * SECTION: 6.3
 */

#pragma D option quiet


BEGIN { n = 1; speculate(0); printf("lost\n"); n = 2; }
BEGIN { commit(0); discard(0); }
BEGIN { printf("n is %d\n", n); exit(0); }
