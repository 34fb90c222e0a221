/*
 * ASSERTION: the other clauses of the firing run
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { n = 1; trace(1 / zero); n = 2; }
BEGIN { printf("n is %d\n", n); exit(0); }
