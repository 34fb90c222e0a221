/*
 * ASSERTION: #if wants an expression
 * SECTION: 1.11
 * ARGS: -Cq
 */

#if
#endif
BEGIN { exit(0); }
