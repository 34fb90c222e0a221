/*
 * ASSERTION: the rest of the clause that calls exit() runs; later clauses do not; END does
 * SECTION: 6.4
 */

#pragma D option quiet


BEGIN { exit(2); printf("rest\n"); }
BEGIN { printf("never\n"); }
END { printf("end\n"); }
