/*
 * ASSERTION: each program says what it matched; text from the predicate or body on is left out
 * SECTION: 10.3
 * ARGS: -n 'BEGIN /1/ { trace(1); }' -i 1 -P dtrace
 */

BEGIN { exit(0); }
