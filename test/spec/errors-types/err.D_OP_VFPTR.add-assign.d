/*
 * ASSERTION: a void pointer has no step in += either
 * SECTION: 3.4
 */

BEGIN { p = (void *)1; p += 1; exit(0); }
