/*
 * ASSERTION: what the clause recorded before its fault is not printed
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { printf("lost\n"); trace(1 / zero); }
BEGIN { exit(0); }
