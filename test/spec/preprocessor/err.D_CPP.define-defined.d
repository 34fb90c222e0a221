/*
 * ASSERTION: defined may not be defined
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define defined 1
BEGIN { exit(0); }
