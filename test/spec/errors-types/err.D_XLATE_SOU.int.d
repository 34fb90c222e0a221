/*
 * ASSERTION: a translator makes a struct
 * SECTION: 3.10
 */

translator int < long l > { a = 1; };
BEGIN { exit(0); }
