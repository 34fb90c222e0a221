/*
 * ASSERTION: a bit-field reached by a pointer has no size
 * SECTION: 3.4
 */

struct s { int a; int b : 3; };
struct s v;
BEGIN { p = (struct s *)alloca(8); trace(sizeof (p->b)); exit(0); }
