/*
 * ASSERTION: END clauses that together exceed the buffer are refused
 * SECTION: 9.7
 * ARGS: -b 128
 */

BEGIN { exit(0); }
END { trace(probename); }
