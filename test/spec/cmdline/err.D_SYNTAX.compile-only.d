/*
 * ASSERTION: -e finds errors
 * SECTION: 10.3
 * ARGS: -e
 */

BEGIN { printf( }
