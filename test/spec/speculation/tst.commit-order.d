/*
 * ASSERTION: committed records appear where the commit is, in the order they were speculated
 * SECTION: 6.3
 */

#pragma D option quiet
#pragma D option nspec=2

BEGIN { one = speculation(); two = speculation(); }
BEGIN { speculate(two); printf("b1 "); }
BEGIN { speculate(one); printf("a1 "); }
BEGIN { speculate(two); printf("b2 "); }
BEGIN { speculate(one); printf("a2 "); }
BEGIN { printf("now: "); }
BEGIN { commit(one); }
BEGIN { printf("then: "); }
BEGIN { commit(two); }
BEGIN { printf("end\n"); exit(0); }
