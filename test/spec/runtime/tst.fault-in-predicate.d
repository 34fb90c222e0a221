/*
 * ASSERTION: a fault in a predicate counts as false and is reported for action 0
 * SECTION: 9.5
 */

#pragma D option quiet

int zero;
BEGIN /1 / zero/ { printf("never\n"); }
ERROR { printf("action %d\n", arg2); }
BEGIN { exit(0); }
