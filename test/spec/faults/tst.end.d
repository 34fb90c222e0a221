/*
 * ASSERTION: a fault in END does not keep its other clauses from running
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { exit(0); }
END { trace(1 / zero); }
END { printf("second\n"); exit(4); }
