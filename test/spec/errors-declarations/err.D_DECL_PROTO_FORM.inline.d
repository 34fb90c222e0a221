/*
 * ASSERTION: parameters have names of their own
 * SECTION: 3.9
 */

inline int f[int a, int a] = 1;
BEGIN { exit(0); }
