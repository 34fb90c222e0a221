/*
 * ASSERTION: an unknown $$name is an error
 * SECTION: 1.9
 * ARGS: -q
 */

BEGIN { trace($$nosuch); exit(0); }
