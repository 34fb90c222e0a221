/*
 * ASSERTION: an error in a body says so
 * SECTION: 10.3
 * ARGS: -n 'BEGIN { trace(x); }'
 */

BEGIN { exit(0); }
