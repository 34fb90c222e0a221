/*
 * ASSERTION: a fault inside ERROR is only counted
 * SECTION: 9.5
 */

#pragma D option quiet

int zero;
BEGIN { trace(1 / zero); }
ERROR { trace(2 / zero); }
BEGIN { exit(0); }
