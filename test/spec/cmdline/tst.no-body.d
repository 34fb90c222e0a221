/*
 * ASSERTION: a description alone traces its probe
 * SECTION: 10.3
 * ARGS: -n BEGIN -n 'BEGIN { exit(0); }'
 */

END { }
