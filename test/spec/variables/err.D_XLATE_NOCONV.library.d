/*
 * ASSERTION: what a log cannot tell of a process is an error, not a made-up value
 * SECTION: 4
 */

BEGIN { trace(curpsinfo->pr_nlwp); exit(0); }
