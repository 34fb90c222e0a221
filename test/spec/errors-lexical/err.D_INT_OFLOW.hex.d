/*
 * ASSERTION: more than 64 bits in hexadecimal
 * SECTION: 1.5
 */

BEGIN { trace(0x10000000000000000); exit(0); }
