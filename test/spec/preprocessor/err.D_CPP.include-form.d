/*
 * ASSERTION: #include wants a quoted name
 * SECTION: 1.11
 * ARGS: -Cq
 */

#include stdio
BEGIN { exit(0); }
