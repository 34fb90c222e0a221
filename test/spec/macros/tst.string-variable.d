/*
 * ASSERTION: $$name is the value as a string
 * SECTION: 1.9
 * ARGS: -q
 */

BEGIN { printf("%d\n", $$pid == lltostr($pid)); exit(0); }
