/*
 * ASSERTION: a struct of zeros is empty braces
 * SECTION: 8.6
 */

#pragma D option quiet

struct pair { int a; int b; };
struct pair p;
BEGIN { p.a = 0; print(p); printf("\n"); exit(0); }
