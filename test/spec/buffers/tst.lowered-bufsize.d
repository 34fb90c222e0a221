/*
 * ASSERTION: a buffer larger than memory is halved until it can be had, which is said
 * SECTION: 9.7
 */
#pragma D option bufresize=auto
#pragma D option bufsize=100t

BEGIN { exit(0); }
