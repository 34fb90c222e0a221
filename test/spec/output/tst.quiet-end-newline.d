/*
 * ASSERTION: tracing ends with a newline in quiet mode, too
 * SECTION: 10.3
 */

#pragma D option quiet

BEGIN { printf("hi\n"); exit(3); }
