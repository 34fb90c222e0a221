/*
 * ASSERTION: void stands alone
 * SECTION: 2.3
 */

int f(int, void);
BEGIN { exit(0); }
