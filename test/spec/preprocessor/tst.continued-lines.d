/*
 * ASSERTION: a backslash at the end of a line continues a directive
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define SUM \
	(1 + \
	2)
BEGIN { printf("%d %d\n", SUM, __LINE__); exit(0); }
