/*
 * ASSERTION: a string is no number
 * SECTION: 1.11
 * ARGS: -Cq
 */

#if "a" == 1
#endif
BEGIN { exit(0); }
