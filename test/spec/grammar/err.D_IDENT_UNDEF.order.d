/*
 * ASSERTION: reading a variable before any assignment in the text is an error
 * SECTION: 3.8
 */

BEGIN { trace(later); }
BEGIN { later = 1; exit(0); }
