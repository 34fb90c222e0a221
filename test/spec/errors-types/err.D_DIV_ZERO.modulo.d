/*
 * ASSERTION: remainders by 0 too
 * SECTION: 3.3
 */

BEGIN { trace(cpu % 0); exit(0); }
