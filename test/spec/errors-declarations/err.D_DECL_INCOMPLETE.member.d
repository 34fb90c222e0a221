/*
 * ASSERTION: a member has a size
 * SECTION: 2.3
 */

struct later;
struct t { struct later a; };
BEGIN { exit(0); }
