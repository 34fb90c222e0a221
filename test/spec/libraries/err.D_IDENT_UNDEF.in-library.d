/*
 * ASSERTION: any other error in a library ends the compilation and names it
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/broken
 */

BEGIN { exit(0); }
