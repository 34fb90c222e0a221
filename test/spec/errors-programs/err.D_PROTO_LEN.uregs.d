/*
 * ASSERTION: uregs[] takes one subscript
 * SECTION: 11
 */

BEGIN { trace(uregs[0, 1]); exit(0); }
