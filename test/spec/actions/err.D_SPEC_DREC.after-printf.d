/*
 * ASSERTION: speculate must come before anything that records
 * SECTION: 6.2
 */

BEGIN { printf("x\n"); speculate(1); exit(0); }
