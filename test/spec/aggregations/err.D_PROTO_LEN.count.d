/*
 * ASSERTION: count takes no argument
 * SECTION: 7.1
 */

BEGIN { @a = count(1); exit(0); }
