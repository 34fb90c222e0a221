/*
 * ASSERTION: exit takes a number
 * SECTION: 6.1
 */

BEGIN { exit("a"); }
