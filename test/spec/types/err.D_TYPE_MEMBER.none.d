/*
 * ASSERTION: a member must exist in its struct
 * SECTION: 3.4
 */

struct s { int a; };
struct s v;
BEGIN { v.b = 1; exit(0); }
