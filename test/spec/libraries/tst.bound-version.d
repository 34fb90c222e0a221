/*
 * ASSERTION: library names bound to the version of -x version or an earlier one are known
 * SECTION: 13.2
 * ARGS: -q -x version=1.4 -L test/spec/libraries/bound
 */

BEGIN { printf("%d %d\n", since_12, since_14); exit(0); }
