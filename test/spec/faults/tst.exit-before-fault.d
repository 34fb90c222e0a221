/*
 * ASSERTION: exit() before the fault of its clause counts
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { exit(3); trace(1 / zero); }
BEGIN { printf("never\n"); }
