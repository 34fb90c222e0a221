/*
 * ASSERTION: translating without a translator is an error
 * SECTION: 3.10
 */

struct s { int a; };
BEGIN { trace(xlate <struct s> (1).a); exit(0); }
