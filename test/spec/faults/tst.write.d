/*
 * ASSERTION: stores go to scratch and variables only
 * SECTION: 9.5
 */

#pragma D option quiet


BEGIN { *(int *)0x10 = 1; }
BEGIN { *(char *)NULL = 1; }
BEGIN { p = (int *)alloca(8); p[1] = 5; printf("%d\n", p[1]); }
ERROR { printf("action %d code %d value %x\n", arg2, arg4, arg5); }
BEGIN { exit(0); }
