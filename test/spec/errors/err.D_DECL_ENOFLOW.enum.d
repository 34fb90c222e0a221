/*
 * ASSERTION: enumerators are ints
 * SECTION: 11
 */

enum e { A = 0x7fffffff, B };
BEGIN { exit(0); }
