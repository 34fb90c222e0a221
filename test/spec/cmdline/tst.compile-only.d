/*
 * ASSERTION: -e ends after compiling
 * SECTION: 10.3
 * ARGS: -e
 */

BEGIN { printf("not run\n"); }
