/*
 * ASSERTION: ~ is for integers
 * SECTION: 3.3
 */

BEGIN { trace(~"a"); exit(0); }
