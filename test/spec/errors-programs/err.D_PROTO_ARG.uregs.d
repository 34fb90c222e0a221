/*
 * ASSERTION: the subscript of uregs[] is a constant
 * SECTION: 11
 */

BEGIN { x = 1; trace(uregs[x]); exit(0); }
