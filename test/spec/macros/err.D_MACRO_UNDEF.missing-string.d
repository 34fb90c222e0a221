/*
 * ASSERTION: a missing $$N is an error
 * SECTION: 1.9
 * ARGS: -q
 */

BEGIN { trace($$1); exit(0); }
