/*
 * ASSERTION: a result is not assigned to
 * SECTION: 3.4
 */

BEGIN { strlen("a") = 1; exit(0); }
