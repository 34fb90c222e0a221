/*
 * ASSERTION: $$N is a string whatever it looks like
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 0x10 name 12
 */

BEGIN { printf("[%s] [%s] %d\n", $$1, $$2, strlen($$3)); exit(0); }
