/*
 * ASSERTION: #line needs a number
 * SECTION: 1.8
 */

#line here
BEGIN { exit(0); }
