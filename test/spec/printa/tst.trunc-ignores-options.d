/*
 * ASSERTION: trunc ranks by value whatever the sorting options
 * SECTION: 7.7
 * ARGS: -x aggsortkey -x aggsortrev
 */

#pragma D option quiet

BEGIN { @[1] = sum(5); @[2] = sum(9); @[3] = sum(7); trunc(@, 2); exit(0); }
