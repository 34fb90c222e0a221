/*
 * ASSERTION: print shows an array whole
 * SECTION: 8.6
 */

#pragma D option quiet

char a[4]; int b[2]; short m[2][2];
BEGIN { a[0] = 'h'; a[1] = 'i'; b[1] = -2; m[1][0] = 5; print(a); printf("\n"); print(b); printf("\n"); print(m); printf("\n"); exit(0); }
