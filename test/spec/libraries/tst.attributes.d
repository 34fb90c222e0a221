/*
 * ASSERTION: a binding may stand before its identifier, attributes after it
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/attributes
 */

BEGIN { printf("%d\n", stable_name); exit(0); }
