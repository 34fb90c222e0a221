/*
 * ASSERTION: an inline array has parameters
 * SECTION: 3.9
 */

inline int x[] = 1;
BEGIN { exit(0); }
