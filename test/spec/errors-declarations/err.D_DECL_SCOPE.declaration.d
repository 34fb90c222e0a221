/*
 * ASSERTION: a declared name belongs to no module
 * SECTION: 2.3
 */

int a`x;
BEGIN { exit(0); }
