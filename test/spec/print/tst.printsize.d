/*
 * ASSERTION: printsize bounds what print shows
 * SECTION: 10.2
 * ARGS: -x printsize=12
 */

#pragma D option quiet

struct big { int a; int b; long c; int d; };
struct big b;
BEGIN { b.a = 1; b.b = 2; b.c = 3; b.d = 4; print(b); printf("\n"); exit(0); }
