/*
 * ASSERTION: a program without any clause or declaration is an error
 * SECTION: 2.1
 */

/* nothing */
