/*
 * ASSERTION: an enumerator belongs to no module
 * SECTION: 3.7
 */

enum t { a`x };
BEGIN { exit(0); }
