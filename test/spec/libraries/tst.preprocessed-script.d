/*
 * ASSERTION: a script may use libraries and the preprocessor
 * SECTION: 13.4
 * ARGS: -Cq -L test/spec/libraries/order
 */

#define TWICE(x) ((x) * 2)
BEGIN { printf("%d\n", TWICE(from_a)); exit(0); }
