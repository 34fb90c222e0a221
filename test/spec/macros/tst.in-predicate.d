/*
 * ASSERTION: arguments stand in predicates
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 4
 */

BEGIN /$1 > 3/ { printf("yes\n"); exit(0); }
