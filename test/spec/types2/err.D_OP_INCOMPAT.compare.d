/*
 * ASSERTION: a struct is not compared
 * SECTION: 3.6
 */

struct a { int x; };
struct a v;
BEGIN { trace(v == 0); exit(0); }
