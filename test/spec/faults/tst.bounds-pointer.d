/*
 * ASSERTION: a pointer has no bound of its own, only memory has
 * SECTION: 9.5
 */

#pragma D option quiet


int a[4];
int *p;
int i;
BEGIN { a[2] = 9; p = &a[1]; i = 1; printf("%d\n", p[i]); i = -1; a[0] = 4; printf("%d\n", p[i]); exit(0); }
