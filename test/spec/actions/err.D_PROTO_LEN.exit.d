/*
 * ASSERTION: exit takes one argument
 * SECTION: 6.1
 */

BEGIN { exit(); }
