/*
 * ASSERTION: a row ends with the record, whatever its text ends with
 * SECTION: 10.3
 */

BEGIN { printf("a\n"); printf("b"); }
BEGIN { printf("c\n"); exit(0); }
