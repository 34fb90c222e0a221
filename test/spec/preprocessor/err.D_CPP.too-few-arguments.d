/*
 * ASSERTION: arguments are counted
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define f(a, b) a b
BEGIN { f(1); exit(0); }
