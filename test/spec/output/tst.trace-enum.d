/*
 * ASSERTION: a traced enumerator is an integer
 * SECTION: 8.4
 */

enum colour { RED = -3, GREEN };
BEGIN { trace(RED); trace((enum colour)GREEN); exit(0); }
