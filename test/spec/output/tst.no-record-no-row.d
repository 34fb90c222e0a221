/*
 * ASSERTION: assignments and aggregations print no row; an empty body does
 * SECTION: 6.2
 */

BEGIN { x = 1; }
BEGIN { @ = count(); }
BEGIN { }
BEGIN { printf("data"); }
BEGIN { exit(0); }
