/*
 * ASSERTION: a macro argument has 64 bits
 * SECTION: 1.9
 * OPERANDS: 99999999999999999999
 */

BEGIN { trace($1); exit(0); }
