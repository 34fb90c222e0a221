/*
 * ASSERTION: a program depends on a provider, a module or a library
 * SECTION: 13.4
 */

#pragma D depends_on kernel unix
BEGIN { exit(0); }
