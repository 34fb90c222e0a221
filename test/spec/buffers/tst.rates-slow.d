/*
 * ASSERTION: a cleaning rate slower than once a minute is raised
 * SECTION: 10.2
 */

#pragma D option cleanrate=2hour

BEGIN { exit(0); }
