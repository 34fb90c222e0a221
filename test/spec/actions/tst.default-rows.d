/*
 * ASSERTION: a clause that records nothing but is empty prints its row; one with only assignments or aggregations prints none
 * SECTION: 6.2
 */

BEGIN { }
BEGIN { n = 1; }
BEGIN { @n[1] = count(); }
BEGIN /n == 1/ { printf("a line\n"); }
BEGIN { exit(0); }
END { }
