/*
 * ASSERTION: a constant index outside is an error of the program
 * SECTION: 3.4
 */

int a[4];
BEGIN { trace(a[-1]); }
