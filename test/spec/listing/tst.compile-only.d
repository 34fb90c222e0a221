/*
 * ASSERTION: -e compiles and ends, and says nothing
 * SECTION: 10.3
 * ARGS: -e
 */

BEGIN { printf("never\n"); system("echo never"); }
