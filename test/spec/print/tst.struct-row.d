/*
 * ASSERTION: a printed struct stands in the data column of its row
 * SECTION: 8.6
 */

struct inner { short s; unsigned int f : 3; int g : 4; };
struct outer { int zero; int a; struct inner in; int v[3]; char name[8]; };
struct outer o;
BEGIN { o.a = 1; o.in.s = -2; o.in.f = 5; o.in.g = -3; o.v[1] = 9; o.name[0] = 'o'; o.name[1] = 'k'; print(o); exit(0); }
