/*
 * ASSERTION: a constant that exceeds scratchsize is an error of the program
 * SECTION: 5
 * ARGS: -x scratchsize=64
 */

BEGIN { p = alloca(65); }
