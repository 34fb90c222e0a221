/*
 * ASSERTION: elements of an array of structs stand on lines of their own
 * SECTION: 8.6
 */

#pragma D option quiet

struct point { int x, y; };
struct shape { int n; struct point p[2]; };
struct shape s;
BEGIN { s.n = 2; s.p[0].x = 1; s.p[1].y = -1; print(s); printf("\n"); exit(0); }
