/*
 * ASSERTION: an object-like macro is replaced wherever its name is a word
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define LIMIT 10
#define TEXT "LIMIT"
BEGIN { printf("%d %s %d\n", LIMIT, TEXT, LIMIT + 1); exit(0); }
