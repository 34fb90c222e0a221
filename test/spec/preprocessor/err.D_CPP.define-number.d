/*
 * ASSERTION: a macro has a name
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define 3 4
BEGIN { exit(0); }
