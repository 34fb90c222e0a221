/*
 * ASSERTION: exit cannot follow speculate
 * SECTION: 6.2
 */

BEGIN { speculate(1); exit(0); }
