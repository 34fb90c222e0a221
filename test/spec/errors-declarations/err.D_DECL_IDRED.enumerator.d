/*
 * ASSERTION: an enumerator is a name of its own
 * SECTION: 3.7
 */

int A;
enum t { A };
BEGIN { exit(0); }
