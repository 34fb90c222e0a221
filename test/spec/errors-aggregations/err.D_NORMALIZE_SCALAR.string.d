/*
 * ASSERTION: normalize divides by a number
 * SECTION: 6.1
 */

BEGIN { @a = count(); normalize(@a, "a"); exit(0); }
