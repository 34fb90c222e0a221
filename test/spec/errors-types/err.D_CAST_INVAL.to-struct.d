/*
 * ASSERTION: a number is no struct
 * SECTION: 3.5
 */

struct s { int a; int b : 3; };
struct s v;
BEGIN { trace((struct s)1); exit(0); }
