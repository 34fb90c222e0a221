/*
 * ASSERTION: a rate above 5000 hz names no probe
 * SECTION: 9.2
 */

tick-5001hz { exit(0); }
