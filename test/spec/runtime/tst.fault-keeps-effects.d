/*
 * ASSERTION: what a clause did before its fault stays, its record does not
 * SECTION: 9.5
 */

#pragma D option quiet

int zero;
BEGIN { n = 5; @["counted"] = count(); printf("lost"); trace(1 % zero); @["not"] = count(); }
BEGIN { printf("n %d\n", n); exit(0); }
