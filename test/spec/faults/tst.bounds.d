/*
 * ASSERTION: an index outside an array faults with the index
 * SECTION: 9.5
 */

#pragma D option quiet


int a[4];
int i;
BEGIN { i = 3; a[i] = 30; printf("%d\n", a[i]); }
BEGIN { i = 4; a[i] = 1; }
BEGIN { i = -1; trace(a[i]); }
BEGIN { i = 4; trace(&a[i] != NULL); }
BEGIN { exit(0); }
