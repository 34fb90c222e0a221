/*
 * ASSERTION: an inline is of a complete type
 * SECTION: 11
 */

inline struct later when = 1;
BEGIN { exit(0); }
