/*
 * ASSERTION: a clause speculates once
 * SECTION: 6.2
 */

BEGIN { speculate(1); speculate(2); }
