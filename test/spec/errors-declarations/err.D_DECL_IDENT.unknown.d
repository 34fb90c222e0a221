/*
 * ASSERTION: a declaration names a type
 * SECTION: 2.3
 */

const x;
BEGIN { exit(0); }
