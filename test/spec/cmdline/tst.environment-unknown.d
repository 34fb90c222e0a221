/*
 * ASSERTION: an unknown name in the environment
 * SECTION: 10.1
 * ARGS: -q
 * ENV: DTRACE_OPT_QIET=1
 */

BEGIN { exit(0); }
