/*
 * ASSERTION: -n takes four fields
 * SECTION: 2.6
 * ARGS: -n dtrace:x:y:z:BEGIN
 */

BEGIN { exit(0); }
