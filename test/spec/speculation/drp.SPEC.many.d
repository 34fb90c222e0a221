/*
 * ASSERTION: drops of all speculations are summed
 * SECTION: 6.3
 */

#pragma D option quiet
#pragma D option specsize=32
#pragma D option nspec=2

BEGIN { a = speculation(); b = speculation(); }
BEGIN { speculate(a); printf("a1 %d\n", 1); }
BEGIN { speculate(a); printf("a2 %d\n", 2); }
BEGIN { speculate(b); printf("b1 %d\n", 1); }
BEGIN { speculate(b); printf("b2 %d\n", 2); }
BEGIN { speculate(b); printf("b3 %d\n", 3); }
BEGIN { commit(b); }
BEGIN { commit(a); }
BEGIN { exit(0); }
