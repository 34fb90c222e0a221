/*
 * ASSERTION: an enumerator after the largest int
 * SECTION: 3.7
 */

enum t { A = 0x7fffffff, B };
BEGIN { exit(0); }
