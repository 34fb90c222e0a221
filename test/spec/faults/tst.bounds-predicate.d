/*
 * ASSERTION: a bound is checked in a predicate too
 * SECTION: 9.5
 */

#pragma D option quiet


int a[2];
int i;
BEGIN { i = 9; }
BEGIN /a[i] == 0/ { printf("never\n"); }
ERROR { printf("action %d code %d value %d\n", arg2, arg4, arg5); }
BEGIN { exit(0); }
