/*
 * ASSERTION: a main program may not depend on a library
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/order
 */

#pragma D depends_on library z.d
BEGIN { exit(0); }
