/*
 * ASSERTION: a subroutine's arguments have the types its prototype says
 * SECTION: 5
 */

BEGIN { trace(strlen(12)); exit(0); }
