/*
 * ASSERTION: a bit-field has no offset in bytes
 * SECTION: 3.4
 */

struct s { int a; int b : 3; };
struct s v;
BEGIN { trace(offsetof(struct s, b)); exit(0); }
