/*
 * ASSERTION: strings do not grow by +=
 * SECTION: 3.2
 */

BEGIN { s = "a"; s += "b"; exit(0); }
