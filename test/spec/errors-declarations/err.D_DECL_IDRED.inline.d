/*
 * ASSERTION: an inline is defined once
 * SECTION: 3.9
 */

inline int x = 1;
inline int x = 2;
BEGIN { exit(0); }
