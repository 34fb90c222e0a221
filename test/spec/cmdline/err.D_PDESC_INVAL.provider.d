/*
 * ASSERTION: -P takes one field
 * SECTION: 2.6
 * ARGS: -P dtrace:x
 */

BEGIN { exit(0); }
