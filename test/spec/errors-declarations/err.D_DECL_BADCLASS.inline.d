/*
 * ASSERTION: an inline has no storage class
 * SECTION: 3.9
 */

inline extern int x = 1;
BEGIN { exit(0); }
