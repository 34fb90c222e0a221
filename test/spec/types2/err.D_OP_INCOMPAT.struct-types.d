/*
 * ASSERTION: structs of different tags do not go together
 * SECTION: 3.6
 */

struct a { int x; };
struct b { int x; };
struct a v; struct b w;
BEGIN { v = w; exit(0); }
