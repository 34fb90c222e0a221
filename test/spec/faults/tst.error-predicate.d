/*
 * ASSERTION: a fault in a predicate is action 0 and counts as false
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
BEGIN /1 / zero/ { printf("never\n"); }
ERROR { printf("action %d code %d\n", arg2, arg4); }
BEGIN { exit(0); }
