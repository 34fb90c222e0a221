/*
 * ASSERTION: single letters combine
 * SECTION: 10.3
 * ARGS: -qw
 */

BEGIN { printf("q\n"); exit(0); }
