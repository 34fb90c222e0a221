/*
 * ASSERTION: an inline is of its declared type
 * SECTION: 3.9
 */

inline int x = "a";
BEGIN { exit(0); }
