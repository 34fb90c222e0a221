/*
 * ASSERTION: -> needs a pointer on its left
 * SECTION: 3.4
 */

struct s { int a; };
struct s v;
BEGIN { trace(v->a); exit(0); }
