/*
 * ASSERTION: scratch is 8-aligned and zeroed
 * SECTION: 5
 */

#pragma D option quiet


BEGIN { p = (char *)alloca(3); q = (char *)alloca(1); printf("%d %d %d\n", q - p, p[0], (uintptr_t)p % 8); exit(0); }
