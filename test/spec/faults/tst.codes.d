/*
 * ASSERTION: the codes that ERROR is given
 * SECTION: 9.5
 */

#pragma D option quiet


int zero;
int a[2];
BEGIN { trace(*(char *)0); }
BEGIN { trace(1 % zero); }
BEGIN { trace(lltostr(1, 99)); }
BEGIN { n = 1 << 30; trace((uintptr_t)alloca(n)); }
BEGIN { trace(a[zero - 1]); }
ERROR { printf("%d: %d %d %d %d\n", arg4, arg4 == DTRACEFLT_BADADDR, arg4 == DTRACEFLT_DIVZERO, arg4 == DTRACEFLT_ILLOP, arg4 == DTRACEFLT_NOSCRATCH); }
BEGIN { exit(0); }
