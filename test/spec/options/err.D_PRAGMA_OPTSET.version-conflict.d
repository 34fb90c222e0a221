/*
 * ASSERTION: a pragma cannot ask for a newer version than -x did
 * SECTION: 13.2
 * ARGS: -x version=1.2
 */
#pragma D option version=1.1
#pragma D option version=1.1.5

BEGIN { exit(0); }
