/*
 * ASSERTION: #elif comes before #else
 * SECTION: 1.11
 * ARGS: -Cq
 */

#if 1
#else
#elif 1
#endif
BEGIN { exit(0); }
