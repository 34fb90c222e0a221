/*
 * ASSERTION: DTRACE_OPT_NAME sets an option
 * SECTION: 10.1
 * ARGS: 
 * ENV: DTRACE_OPT_QUIET= DTRACE_OPT_STRSIZE=32
 */

BEGIN { printf("%d\n", sizeof (string)); exit(0); }
