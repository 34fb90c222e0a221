/*
 * ASSERTION: #line wants a number
 * SECTION: 1.11
 * ARGS: -Cq
 */

#line here
BEGIN { exit(0); }
