/*
 * ASSERTION: registers are counted from 0
 * SECTION: 4
 */

BEGIN { trace(uregs[-1]); exit(0); }
