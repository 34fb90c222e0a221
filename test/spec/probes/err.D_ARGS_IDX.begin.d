/*
 * ASSERTION: BEGIN has no arguments
 * SECTION: 4
 */

BEGIN { trace(args[0]); exit(0); }
