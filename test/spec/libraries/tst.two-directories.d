/*
 * ASSERTION: -L may be repeated
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/order -L test/spec/libraries/cycle
 */

BEGIN { printf("%d %d\n", from_a, from_free); exit(0); }
