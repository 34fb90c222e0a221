/*
 * ASSERTION: a library name bound to a later version than -x version is unknown
 * SECTION: 13.2
 * ARGS: -x version=1.3 -L test/spec/libraries/bound
 */

BEGIN { trace(since_12 + since_14); exit(0); }
