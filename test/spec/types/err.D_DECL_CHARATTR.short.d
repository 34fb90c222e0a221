/*
 * ASSERTION: short does not combine with char
 * SECTION: 2.3
 */

short char c;
BEGIN { exit(0); }
