/*
 * ASSERTION: a misspelt field of a description is told the description that exists
 * SECTION: 2.6
 * ARGS: -t $TRACES/tiny32-triple-fault.log.gz
 */

vec::pagefault: { exit(0); }
