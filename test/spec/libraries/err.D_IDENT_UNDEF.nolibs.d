/*
 * ASSERTION: with nolibs no library is read
 * SECTION: 13.4
 * ARGS: -x nolibs -L test/spec/libraries/order
 */

BEGIN { trace(from_a); exit(0); }
