/*
 * ASSERTION: an associative array's keys keep their types
 * SECTION: 3.8
 */

BEGIN { a["x"] = 1; a[1] = 2; exit(0); }
