/*
 * ASSERTION: an id in range that is not active records nothing
 * SECTION: 6.3
 */

#pragma D option quiet
#pragma D option nspec=4

BEGIN { speculate(3); printf("lost\n"); }
BEGIN { commit(3); }
BEGIN { discard(3); }
BEGIN { printf("done\n"); exit(0); }
