/*
 * ASSERTION: -D may define a function-like macro
 * SECTION: 1.11
 * ARGS: -Cq '-DTIMES(a,b)=((a)*(b))'
 */

BEGIN { printf("%d\n", TIMES(6, 7)); exit(0); }
