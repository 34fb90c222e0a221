/*
 * ASSERTION: -x libdir is -L
 * SECTION: 13.4
 * ARGS: -q -x libdir=test/spec/libraries/order
 */

BEGIN { printf("%d\n", from_a); exit(0); }
