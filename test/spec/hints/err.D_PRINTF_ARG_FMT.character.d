/*
 * ASSERTION: a format in single quotes says how a string is written
 * SECTION: 1.6
 */

BEGIN { printf('hello'); }
