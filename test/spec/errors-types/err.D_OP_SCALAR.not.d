/*
 * ASSERTION: ! is for scalars
 * SECTION: 3.3
 */

BEGIN { trace(!"a"); exit(0); }
