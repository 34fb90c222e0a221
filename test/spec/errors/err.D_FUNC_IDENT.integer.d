/*
 * ASSERTION: only a name can be called
 * SECTION: 11
 */

BEGIN { 1(2); exit(0); }
