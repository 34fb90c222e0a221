/*
 * ASSERTION: a built-in variable's name cannot become a type's
 * SECTION: 2.3
 */

typedef int pid;
BEGIN { exit(0); }
