/*
 * ASSERTION: nor does one that depends on it
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/unmet
 */

BEGIN { trace(from_second); exit(0); }
