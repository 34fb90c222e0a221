/*
 * ASSERTION: trunc takes at most two arguments
 * SECTION: 6.1
 */

BEGIN { @a = count(); trunc(@a, 1, 2); exit(0); }
