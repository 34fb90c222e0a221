/*
 * ASSERTION: the value of an enumerator is a constant
 * SECTION: 3.7
 */

int n;
enum t { A = n };
BEGIN { exit(0); }
