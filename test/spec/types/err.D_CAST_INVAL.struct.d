/*
 * ASSERTION: an integer cannot be cast to a struct
 * SECTION: 3.5
 */

struct s { int a; };
BEGIN { trace((struct s)1); exit(0); }
