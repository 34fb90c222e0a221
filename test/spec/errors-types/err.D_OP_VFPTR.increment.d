/*
 * ASSERTION: a void pointer has no step
 * SECTION: 3.4
 */

BEGIN { p = (void *)0; p++; exit(0); }
