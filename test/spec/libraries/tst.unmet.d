/*
 * ASSERTION: a library whose dependencies are not met is skipped without a word
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/unmet
 */

BEGIN { printf("%d\n", from_good); exit(0); }
