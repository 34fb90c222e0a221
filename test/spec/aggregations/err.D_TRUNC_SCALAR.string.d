/*
 * ASSERTION: trunc's number is scalar
 * SECTION: 7.7
 */

BEGIN { @a = count(); trunc(@a, "x"); exit(0); }
