/*
 * ASSERTION: a bad value in the environment
 * SECTION: 10.1
 * ARGS: -q
 * ENV: DTRACE_OPT_BUFSIZE=huge
 */

BEGIN { exit(0); }
