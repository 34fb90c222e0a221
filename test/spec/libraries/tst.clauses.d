/*
 * ASSERTION: clauses in a library are compiled and forgotten
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/clauses
 */

BEGIN { printf("%d\n", from_clauses); exit(0); }
