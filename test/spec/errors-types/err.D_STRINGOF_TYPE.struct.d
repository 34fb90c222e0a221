/*
 * ASSERTION: a struct is no string
 * SECTION: 3.2
 */

struct s { int a; int b : 3; };
struct s v;
BEGIN { trace(stringof(v)); exit(0); }
