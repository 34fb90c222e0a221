/*
 * ASSERTION: exit lets its clause run on and stops all later clauses but END's, whose exit decides the status
 * SECTION: 6.4
 */

#pragma D option quiet

BEGIN { n = 1; exit(3); printf("still here\n"); }
BEGIN { n = 2; printf("never\n"); }
END { printf("end %d\n", n); exit(4); }
END { printf("and again\n"); }
