/*
 * ASSERTION: without errtags messages have no tag
 * SECTION: 10.3
 */

BEGIN { trace(nosuch); }
