/*
 * ASSERTION: an action named without parentheses says how it is called
 * SECTION: 6
 */

BEGIN { exit; }
