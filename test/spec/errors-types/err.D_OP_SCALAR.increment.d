/*
 * ASSERTION: ++ is for scalars
 * SECTION: 3.3
 */

BEGIN { s = "a"; s++; exit(0); }
