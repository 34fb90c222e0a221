/*
 * ASSERTION: ids are 1 to nspec, then 0
 * SECTION: 6.3
 */

#pragma D option quiet
#pragma D option nspec=3

BEGIN { printf("%d %d %d %d\n", speculation(), speculation(), speculation(), speculation()); exit(0); }
