/*
 * ASSERTION: libraries that need each other are skipped, the others stay
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/cycle
 */

BEGIN { printf("%d\n", from_free); exit(0); }
