/*
 * ASSERTION: faults inside ERROR are counted, once per fault
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { trace(1 / zero); }
BEGIN { trace(2 / zero); }
BEGIN { trace(3 / zero); }
ERROR { trace(4 / zero); }
ERROR { trace(5 / zero); }
BEGIN { exit(0); }
