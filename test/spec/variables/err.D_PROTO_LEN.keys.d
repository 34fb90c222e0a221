/*
 * ASSERTION: an associative array always has the same number of keys
 * SECTION: 3.8
 */

BEGIN { a[1, 2] = 1; a[1] = 2; exit(0); }
