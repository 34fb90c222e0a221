/*
 * ASSERTION: without room for the struct its member has no address to be stored at
 * SECTION: 9.7
 * ARGS: -x dynvarsize=64
 */

#pragma D option quiet


struct big { char c[100]; int n; };
struct big p[int];
BEGIN { p[1].n = 7; }
BEGIN { printf("%d\n", p[1].n); }
BEGIN { exit(0); }
