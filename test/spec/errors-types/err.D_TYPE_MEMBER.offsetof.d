/*
 * ASSERTION: offsetof takes members that there are
 * SECTION: 3.4
 */

struct s { int a; int b : 3; };
struct s v;
BEGIN { trace(offsetof(struct s, c)); exit(0); }
