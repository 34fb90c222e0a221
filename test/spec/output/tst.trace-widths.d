/*
 * ASSERTION: trace pads integers by size and sign in rows
 * SECTION: 8.4
 */

BEGIN { trace((char)-1); trace((unsigned char)255); }
BEGIN { trace((short)-300); trace((unsigned short)65535); }
BEGIN { trace(-5); trace(4294967295); trace(2147483648u); }
BEGIN { trace((long)-1); trace((unsigned long)-1); exit(0); }
