/*
 * ASSERTION: a // comment between clauses shows how comments are written
 * SECTION: 1.2
 */

// what this script does
BEGIN { exit(0); }
