/*
 * ASSERTION: a stack is printed by %k alone
 * SECTION: 8.2, 8.3
 */

BEGIN { printf("%x\n", ustack(5)); exit(0); }
