/*
 * ASSERTION: a control line that ends with a semicolon is told so
 * SECTION: 1.8
 */

#pragma D option quiet;

BEGIN { exit(0); }
