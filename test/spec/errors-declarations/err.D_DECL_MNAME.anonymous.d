/*
 * ASSERTION: a member has a name
 * SECTION: 2.3
 */

struct t { struct { int a; }; };
BEGIN { exit(0); }
