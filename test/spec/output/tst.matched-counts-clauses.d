/*
 * ASSERTION: the notice counts the matches of every clause
 * SECTION: 10.3
 */

BEGIN { }
BEGIN, END { }
BEGIN { exit(0); }
