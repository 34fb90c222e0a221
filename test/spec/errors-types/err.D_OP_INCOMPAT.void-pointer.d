/*
 * ASSERTION: a void pointer does not add
 * SECTION: 3.4
 */

BEGIN { trace((void *)0 + 1); exit(0); }
