/*
 * ASSERTION: -x cpppath names the preprocessor to run; one that is not there is a plain failure
 * SECTION: 1.11
 * ARGS: -C -x cpppath=/nowhere/cpp
 */

BEGIN { exit(0); }
