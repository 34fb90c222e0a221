/*
 * ASSERTION: there is no long float
 * SECTION: 3.1
 */

long float f;
BEGIN { exit(0); }
