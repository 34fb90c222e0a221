/*
 * ASSERTION: #endif needs an #if
 * SECTION: 1.11
 * ARGS: -Cq
 */

#endif
BEGIN { exit(0); }
