/*
 * ASSERTION: actions are no operands of a comma
 * SECTION: 6
 */

BEGIN { trace(1), trace(2); exit(0); }
