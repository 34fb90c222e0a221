/*
 * ASSERTION: a bit-field has no address
 * SECTION: 3.4
 */

struct s { int a; int b : 3; };
struct s v;
BEGIN { trace(&v.b); exit(0); }
