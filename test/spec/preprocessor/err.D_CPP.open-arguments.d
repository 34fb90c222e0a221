/*
 * ASSERTION: arguments end with )
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define f(a) a
BEGIN { f(1; exit(0); }
