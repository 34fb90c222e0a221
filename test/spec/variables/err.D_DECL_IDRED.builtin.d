/*
 * ASSERTION: a built-in's name cannot be declared
 * SECTION: 3.8
 */

int pid;
BEGIN { exit(0); }
