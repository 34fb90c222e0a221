/*
 * ASSERTION: scratch is free again, and zeroed, for the next clause
 * SECTION: 5
 */

#pragma D option quiet


BEGIN { p = (int *)alloca(8); *p = 7; printf("%d\n", *p); }
BEGIN { q = (int *)alloca(8); printf("%d %d\n", p == q, *q); exit(0); }
