/*
 * ASSERTION: a function-like macro takes arguments; without parentheses its name is a name
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define SQUARE(x) ((x) * (x))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
int SQUARE;
BEGIN { SQUARE = 3; printf("%d %d %d\n", SQUARE(SQUARE + 1), MAX(2, SQUARE(2)), SQUARE); exit(0); }
