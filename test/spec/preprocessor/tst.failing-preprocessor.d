/*
 * ASSERTION: a preprocessor that fails ends the run
 * SECTION: 1.11
 * ARGS: -C -x cpppath=false
 */

BEGIN { exit(0); }
