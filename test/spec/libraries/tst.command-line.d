/*
 * ASSERTION: libraries serve programs of the command line too
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/order -n 'BEGIN { trace(from_a); }'
 */

BEGIN { exit(0); }
