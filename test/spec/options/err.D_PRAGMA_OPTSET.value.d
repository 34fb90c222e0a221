/*
 * ASSERTION: a value that an option does not take is an error in a pragma
 * SECTION: 10.1
 */

#pragma D option strsize=long
BEGIN { exit(0); }
