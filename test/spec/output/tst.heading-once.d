/*
 * ASSERTION: the heading precedes the first record and no other
 * SECTION: 10.3
 */

BEGIN { x = 1; }
BEGIN { trace(x); }
END { trace(2); }
BEGIN { exit(0); }
