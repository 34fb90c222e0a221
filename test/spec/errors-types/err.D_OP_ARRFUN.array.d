/*
 * ASSERTION: an array is not assigned
 * SECTION: 3.4
 */

int a[3]; int c[4];
BEGIN { a = c;  exit(0); }
