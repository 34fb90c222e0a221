/*
 * ASSERTION: strings, character constants and comments are not looked into
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define a 1
#define comment /* nothing */ 5 // nor here
BEGIN { printf("a %d %c %d\n", a, 'a', comment); exit(0); } // this is a comment, too
