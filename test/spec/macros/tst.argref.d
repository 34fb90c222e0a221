/*
 * ASSERTION: with argref arguments need not be used
 * SECTION: 1.9
 * ARGS: -q -x argref
 * OPERANDS: a b
 */

BEGIN { exit(0); }
