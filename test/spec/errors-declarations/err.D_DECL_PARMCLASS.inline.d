/*
 * ASSERTION: a parameter of an inline has no storage class
 * SECTION: 3.9
 */

inline int f[register int x] = x;
BEGIN { exit(0); }
