/*
 * ASSERTION: -b takes a size with a suffix
 * SECTION: 10.1
 * ARGS: -q -b 64k
 */

BEGIN { printf("ok\n"); exit(0); }
