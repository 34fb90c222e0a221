/*
 * ASSERTION: normalize wants a divisor
 * SECTION: 7.7
 */

BEGIN { @a = count(); normalize(@a); exit(0); }
