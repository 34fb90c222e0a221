/*
 * ASSERTION: alloca(0) is legal and takes nothing
 * SECTION: 5
 */

#pragma D option quiet


BEGIN { p = alloca(0); q = alloca(8); printf("%d\n", p == q); exit(0); }
