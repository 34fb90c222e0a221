/*
 * ASSERTION: expansion is bounded
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define x1 x0 x0 x0 x0 x0 x0 x0 x0
#define x2 x1 x1 x1 x1 x1 x1 x1 x1
#define x3 x2 x2 x2 x2 x2 x2 x2 x2
#define x4 x3 x3 x3 x3 x3 x3 x3 x3
#define x5 x4 x4 x4 x4 x4 x4 x4 x4
#define x6 x5 x5 x5 x5 x5 x5 x5 x5
#define x7 x6 x6 x6 x6 x6 x6 x6 x6
#define x8 x7 x7 x7 x7 x7 x7 x7 x7
#define x9 x8 x8 x8 x8 x8 x8 x8 x8
#define x10 x9 x9 x9 x9 x9 x9 x9 x9
#define x11 x10 x10 x10 x10 x10 x10 x10 x10
BEGIN { x11; exit(0); }
