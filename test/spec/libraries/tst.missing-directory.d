/*
 * ASSERTION: a directory that is not there is complained about, and tracing goes on
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/nowhere
 */

BEGIN { exit(0); }
