/*
 * ASSERTION: #error ends the compilation with its text
 * SECTION: 1.11
 * ARGS: -Cq
 */

#ifndef WANTED
#error define   WANTED
#endif
BEGIN { exit(0); }
