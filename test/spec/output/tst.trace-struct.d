/*
 * ASSERTION: a traced struct is a dump of its bytes
 * SECTION: 8.5
 */

struct pair { int a; char c; };
struct pair p;
BEGIN { p.a = 0x04030201; p.c = 'x'; trace(p); exit(0); }
