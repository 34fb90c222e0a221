/*
 * ASSERTION: libraries are compiled in the order of their dependencies, before the program
 * SECTION: 13.4
 * ARGS: -q -L test/spec/libraries/order
 */

pair_t *p;
BEGIN { printf("%d %d %d %d\n", from_z, from_m, from_a, sizeof (pair_t)); exit(0); }
