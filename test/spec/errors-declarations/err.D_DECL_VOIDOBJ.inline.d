/*
 * ASSERTION: an inline is not void
 * SECTION: 3.9
 */

inline void x = 1;
BEGIN { exit(0); }
