/*
 * ASSERTION: keys and the value of an aggregation are actions of their own
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN { @[1, 2 / zero] = count(); }
BEGIN { @a[1, 2] = sum(3 / zero); }
BEGIN { printf("%d %d", 1, 2 / zero); }
BEGIN { x = 1; y = 2; z = 3 / zero; }
ERROR { printf("EPID %d action %d\n", arg1, arg2); }
BEGIN { exit(0); }
