/*
 * ASSERTION: a struct as a key is a dump
 * SECTION: 7.5
 */

#pragma D option quiet

struct pair { int a; int b; };
struct pair p;
BEGIN { p.a = 1; p.b = 2; @[p] = count(); exit(0); }
