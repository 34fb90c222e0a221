/*
 * ASSERTION: outside quiet mode printf's text follows the row's columns, and the row ends with a newline of its own
 * SECTION: 6.2
 */

BEGIN { printf("one"); printf(" two"); exit(0); }
