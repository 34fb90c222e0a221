/*
 * ASSERTION: #else needs an #if
 * SECTION: 1.11
 * ARGS: -Cq
 */

#else
BEGIN { exit(0); }
