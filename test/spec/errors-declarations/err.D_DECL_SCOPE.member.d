/*
 * ASSERTION: a member belongs to no module
 * SECTION: 2.3
 */

struct t { int a`x; };
BEGIN { exit(0); }
