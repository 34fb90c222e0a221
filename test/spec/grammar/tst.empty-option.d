/*
 * ASSERTION: with the option empty a program may be empty
 * SECTION: 2.1
 * ARGS: -x empty -n BEGIN{exit(0)}
 */

/* nothing */
