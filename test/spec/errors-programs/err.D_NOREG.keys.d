/*
 * ASSERTION: an array has as many keys as the tuple stack holds
 * SECTION: 11
 */

BEGIN { x[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] = 1; exit(0); }
