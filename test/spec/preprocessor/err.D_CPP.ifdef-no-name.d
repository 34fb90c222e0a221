/*
 * ASSERTION: #ifdef wants a name
 * SECTION: 1.11
 * ARGS: -Cq
 */

#ifdef
#endif
BEGIN { exit(0); }
