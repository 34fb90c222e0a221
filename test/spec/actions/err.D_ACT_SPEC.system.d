/*
 * ASSERTION: a destructive action cannot follow speculate
 * SECTION: 6.2
 */

BEGIN { speculate(1); system("true"); }
