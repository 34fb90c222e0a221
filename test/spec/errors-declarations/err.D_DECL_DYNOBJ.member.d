/*
 * ASSERTION: an associative array is no member
 * SECTION: 2.3
 */

struct t { int a[int]; };
BEGIN { exit(0); }
