/*
 * ASSERTION: with errtags messages begin with their tag
 * SECTION: 10.3
 */

BEGIN { trace(nosuch); }
