/*
 * ASSERTION: a program can ask for a module
 * SECTION: 13.4
 */

#pragma D depends_on module nosuch
BEGIN { exit(0); }
