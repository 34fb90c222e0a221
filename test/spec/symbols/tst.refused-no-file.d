/*
 * ASSERTION: a file of symbols that is not there is an error even when no symbol is printed
 * SECTION: 10.3
 * ARGS: --symbols nowhere.map
 */

BEGIN { exit(0); }
