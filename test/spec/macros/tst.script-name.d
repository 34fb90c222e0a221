/*
 * ASSERTION: $0 is the script, $$0 the same as a string
 * SECTION: 1.9
 * ARGS: -q
 */

BEGIN { printf("%s %s\n", $0, $$0); exit(0); }
