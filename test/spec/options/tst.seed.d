/*
 * ASSERTION: the same seed gives the same numbers
 * SECTION: 10.2
 */

#pragma D option quiet
#pragma D option seed=7
BEGIN { printf("%d\n%d\n", rand(), rand()); exit(0); }
