/*
 * ASSERTION: a traced pointer is an 8-byte integer
 * SECTION: 8.4
 */

BEGIN { trace((void *)0x1000); trace((int *)-1); exit(0); }
