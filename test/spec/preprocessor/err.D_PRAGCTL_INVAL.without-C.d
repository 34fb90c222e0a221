/*
 * ASSERTION: directives of the preprocessor need -C
 * SECTION: 1.8
 * ARGS: -q
 */

#define A 1
BEGIN { exit(0); }
