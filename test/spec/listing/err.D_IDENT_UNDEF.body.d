/*
 * ASSERTION: -l checks bodies
 * SECTION: 10.3
 * ARGS: -l
 */

BEGIN { trace(nosuch); }
