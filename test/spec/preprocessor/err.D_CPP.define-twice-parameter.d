/*
 * ASSERTION: parameters differ
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define f(a, a) a
BEGIN { exit(0); }
