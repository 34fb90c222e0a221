/*
 * ASSERTION: ids beyond nspec are illegal for each of the three actions
 * SECTION: 6.3
 */

#pragma D option quiet
#pragma D option nspec=2

BEGIN { speculate(3); printf("lost\n"); }
BEGIN { commit(3); }
BEGIN { discard(3); }
BEGIN { commit(1024); }
BEGIN { commit(-1); }
BEGIN { speculate(-1); }
BEGIN { commit(2); }
ERROR { faults++; }
BEGIN { printf("%d faults\n", faults); exit(0); }
