/*
 * ASSERTION: # makes a string of an argument as it was written
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define SHOW(e) printf("%s = %d\n", #e, e)
#define TWO 2
BEGIN { SHOW(TWO  +   2); SHOW(strlen("a\"b")); exit(0); }
