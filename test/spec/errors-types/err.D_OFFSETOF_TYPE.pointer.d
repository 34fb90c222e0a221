/*
 * ASSERTION: offsetof takes the struct, not a pointer to it
 * SECTION: 3.4
 */

struct s { int a; int b : 3; };
struct s v;
BEGIN { trace(offsetof(struct s *, a)); exit(0); }
