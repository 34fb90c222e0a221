/*
 * ASSERTION: a macro may be a whole probe description, or a whole clause
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define FIRST dtrace:::BEGIN
#define LAST(provider) provider:::END { printf("last %d\n", x---1); }
#define PLUS +
#define SUM(a) 1 +a

FIRST { x = 3; printf("first %d %d\n", 1 PLUS+ 1, SUM(PLUS 1)); exit(0); }
LAST(dtrace)
