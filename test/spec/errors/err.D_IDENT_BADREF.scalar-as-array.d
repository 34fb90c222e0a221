/*
 * ASSERTION: a name keeps its kind
 * SECTION: 11
 */

BEGIN { a[1] = 2; a = 3; exit(0); }
