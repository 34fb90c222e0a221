/*
 * ASSERTION: with nspec=0 there is none
 * SECTION: 10.2
 */

#pragma D option quiet
#pragma D option nspec=0

BEGIN { printf("%d\n", speculation()); exit(0); }
