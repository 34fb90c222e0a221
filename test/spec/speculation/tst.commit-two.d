/*
 * ASSERTION: several commits in one clause, each at its place
 * SECTION: 6.3
 */

#pragma D option quiet
#pragma D option nspec=2

BEGIN { one = speculation(); two = speculation(); }
BEGIN { speculate(one); printf("a "); }
BEGIN { speculate(two); printf("b "); }
BEGIN { commit(one); }
BEGIN { commit(two); }
BEGIN { printf("end\n"); exit(0); }
