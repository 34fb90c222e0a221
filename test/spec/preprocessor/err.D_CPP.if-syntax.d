/*
 * ASSERTION: #if wants a whole expression
 * SECTION: 1.11
 * ARGS: -Cq
 */

#if (1 + 2
#endif
BEGIN { exit(0); }
