/*
 * ASSERTION: a format says something
 * SECTION: 8.3
 */

BEGIN { printf(""); exit(0); }
