/*
 * ASSERTION: a subroutine takes as many arguments as its prototype says
 * SECTION: 5
 */

BEGIN { trace(strlen("a", "b")); exit(0); }
