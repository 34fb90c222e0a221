/*
 * ASSERTION: each speculation() without a free slot is counted
 * SECTION: 6.3
 */

#pragma D option quiet


BEGIN { a = speculation(); b = speculation(); c = speculation(); d = speculation(); }
BEGIN { printf("%d %d %d %d\n", a, b, c, d); exit(0); }
