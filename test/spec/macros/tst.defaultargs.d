/*
 * ASSERTION: with defaultargs a missing $N is 0 and a missing $$N is empty
 * SECTION: 1.9
 * ARGS: -q -x defaultargs
 */

BEGIN { printf("%d [%s]\n", $1, $$2); exit(0); }
