/*
 * ASSERTION: substr takes two or three arguments
 * SECTION: 5
 */

BEGIN { trace(substr("a")); exit(0); }
