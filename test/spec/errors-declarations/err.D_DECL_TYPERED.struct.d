/*
 * ASSERTION: a struct is defined once
 * SECTION: 2.3
 */

struct t { int a; };
struct t { int b; };
BEGIN { exit(0); }
