/*
 * ASSERTION: sizeof does not apply to a bit-field
 * SECTION: 3.4
 */

struct s { unsigned int a : 3; };
struct s v;
BEGIN { trace(sizeof (v.a)); exit(0); }
