/*
 * ASSERTION: there is no long char
 * SECTION: 3.1
 */

long char c;
BEGIN { exit(0); }
