/*
 * ASSERTION: each dimension and each member has its own bound
 * SECTION: 9.5
 */

#pragma D option quiet


int m[2][3];
struct s { char name[4]; int after; } t;
int i;
BEGIN { i = 1; m[i][i + 1] = 5; printf("%d\n", m[1][2]); }
BEGIN { i = 2; trace(m[i][0]); }
BEGIN { i = 3; trace(m[0][i]); }
BEGIN { i = 4; t.name[i] = 1; }
BEGIN { printf("%d\n", t.after); exit(0); }
