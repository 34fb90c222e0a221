/*
 * ASSERTION: flowindent prints prefixes in quiet mode, but no newline
 * SECTION: 10.3
 * ARGS: -F
 */

#pragma D option quiet

BEGIN { printf("x\n"); exit(0); }
