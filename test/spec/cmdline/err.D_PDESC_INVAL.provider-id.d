/*
 * ASSERTION: an id is no provider
 * SECTION: 2.6
 * ARGS: -P '1 { }'
 */

BEGIN { exit(0); }
