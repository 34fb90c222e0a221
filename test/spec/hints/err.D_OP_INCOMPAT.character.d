/*
 * ASSERTION: a string compared with a character constant says how a string is written
 * SECTION: 1.6
 */

BEGIN /execname == 'bash'/ { exit(0); }
