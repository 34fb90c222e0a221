/*
 * ASSERTION: a value that an option does not take is an error of the command line
 * SECTION: 10.1
 * ARGS: -x bufsize=many
 */

BEGIN { exit(0); }
