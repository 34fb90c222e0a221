/*
 * ASSERTION: there is one #else
 * SECTION: 1.11
 * ARGS: -Cq
 */

#if 1
#else
#else
#endif
BEGIN { exit(0); }
