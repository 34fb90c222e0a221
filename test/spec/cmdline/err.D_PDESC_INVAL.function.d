/*
 * ASSERTION: -f takes three fields
 * SECTION: 2.6
 * ARGS: -f dtrace:x:y:z
 */

BEGIN { exit(0); }
