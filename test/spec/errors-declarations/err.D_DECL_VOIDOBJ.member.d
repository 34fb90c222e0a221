/*
 * ASSERTION: a member is not void
 * SECTION: 2.3
 */

struct t { void a; };
BEGIN { exit(0); }
