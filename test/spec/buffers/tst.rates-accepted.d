/*
 * ASSERTION: every rate takes every unit
 * SECTION: 10.1
 * ARGS: -x switchrate=10hz -x aggrate=100ms -x cleanrate=50hz -x statusrate=10s -x temporal -x bufresize=manual
 */

#pragma D option quiet

BEGIN { exit(0); }
