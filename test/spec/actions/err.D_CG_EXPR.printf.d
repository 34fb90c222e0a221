/*
 * ASSERTION: an action is no expression
 * SECTION: 6
 */

BEGIN { x = printf("hello"); exit(0); }
