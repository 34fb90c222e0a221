/*
 * ASSERTION: an identifier of a library is outside the program
 * SECTION: 1.8
 * ARGS: -q -L test/spec/libraries/attributes
 */

#pragma D attributes Stable/Stable/Common stable_name
BEGIN { trace(stable_name); exit(0); }
