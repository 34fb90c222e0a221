/*
 * ASSERTION: an error in a predicate says so
 * SECTION: 10.3
 * ARGS: -n 'BEGIN /x/ { trace(1); }'
 */

BEGIN { exit(0); }
