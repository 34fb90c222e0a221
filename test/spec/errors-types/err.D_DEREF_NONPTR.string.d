/*
 * ASSERTION: a string is not dereferenced
 * SECTION: 3.4
 */

BEGIN { trace(*"abc"); exit(0); }
