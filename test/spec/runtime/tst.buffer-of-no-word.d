/*
 * ASSERTION: a buffer that is smaller than any record is refused like one that is too small for these records
 * SECTION: 9.7
 * ARGS: -b 1
 */

BEGIN { exit(0); }
