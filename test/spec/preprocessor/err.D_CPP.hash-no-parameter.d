/*
 * ASSERTION: # stands before a parameter
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define f(a) #b
BEGIN { exit(0); }
