/*
 * ASSERTION: a struct element comes into being with its first member
 * SECTION: 3.8
 */

#pragma D option quiet


struct pair { int a; long b; };
struct pair p[int];
BEGIN { p[1].b = 7; printf("%d %d\n", p[1].a, p[1].b); exit(0); }
