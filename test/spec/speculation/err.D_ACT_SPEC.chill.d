/*
 * ASSERTION: actions around speculate and commit have an order and arguments
 * SECTION: 6.2
 */

BEGIN { speculate(1); chill(1); }
