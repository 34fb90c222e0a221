/*
 * ASSERTION: a body given as an argument of its own is told to be part of the program
 * SECTION: 1.9
 * OPERANDS: '{ exit(0); }'
 */

BEGIN { exit(0); }
