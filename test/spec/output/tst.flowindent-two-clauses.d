/*
 * ASSERTION: with flowindent every clause has a row and a bar
 * SECTION: 10.3
 * ARGS: -F
 */

BEGIN { trace(1); }
BEGIN { trace("two"); }
END { exit(0); }
BEGIN { exit(0); }
