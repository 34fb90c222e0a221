/*
 * ASSERTION: a parameter of an inline has a name
 * SECTION: 3.9
 */

inline int f[int] = 1;
BEGIN { exit(0); }
