/*
 * ASSERTION: nspec slots can be open at once, and commit prints in the order of the commits
 * SECTION: 6.3
 * ARGS: -x nspec=3
 */

#pragma D option quiet

BEGIN { a = speculation(); b = speculation(); c = speculation(); }
BEGIN { speculate(a); printf("a\n"); }
BEGIN { speculate(b); printf("b\n"); }
BEGIN { speculate(c); printf("c\n"); }
BEGIN { commit(c); }
BEGIN { commit(a); }
BEGIN { printf("%d %d %d\n", a, b, c); exit(0); }
