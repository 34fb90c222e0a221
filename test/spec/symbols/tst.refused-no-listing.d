/*
 * ASSERTION: a file that holds no symbols is refused, with what would do
 * SECTION: 10.3
 * ARGS: --symbols package.json
 */

BEGIN { sym(1); exit(0); }
