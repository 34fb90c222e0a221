/*
 * ASSERTION: macros are replaced in probe descriptions and predicates
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define FIRST BEGIN
#define PROVIDER dtrace
#define WHEN one == 1
int one;
FIRST { one = 1; }
PROVIDER:::FIRST /WHEN/ { printf("yes\n"); exit(0); }
