/*
 * ASSERTION: -x and pragmas win over the environment
 * SECTION: 10.1
 * ARGS: -q -x strsize=64
 * ENV: DTRACE_OPT_STRSIZE=32 DTRACE_OPT_NSPEC=1
 */

#pragma D option nspec=3
BEGIN { printf("%d %d\n", sizeof (string), (speculation(), speculation(), speculation())); exit(0); }
