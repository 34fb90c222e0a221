/*
 * ASSERTION: a predicate is scalar
 * SECTION: 11
 */

BEGIN /"text"/ { exit(0); }
