/*
 * ASSERTION: -m takes two fields
 * SECTION: 2.6
 * ARGS: -m dtrace:x:y
 */

BEGIN { exit(0); }
