/*
 * ASSERTION: what a macro makes does not grow together with what stands beside it
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define NEGATIVE -1
#define PLUS +
BEGIN { printf("%d %d\n", 5 -NEGATIVE, 5 PLUS+ 1); exit(0); }
