/*
 * ASSERTION: a skipped library declares nothing
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/unmet
 */

BEGIN { trace(from_provider); exit(0); }
