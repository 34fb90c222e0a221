/*
 * ASSERTION: libraries that need each other declare nothing
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/cycle
 */

BEGIN { trace(from_one); exit(0); }
