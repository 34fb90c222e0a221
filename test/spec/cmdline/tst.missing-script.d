/*
 * ASSERTION: a script that is not there
 * SECTION: 10.3
 * ARGS: -s test/spec/cmdline/no-such-file.d
 */

BEGIN { exit(0); }
