/*
 * ASSERTION: programs are enabled and run in the order of the command line
 * SECTION: 10.3
 * ARGS: -q -n 'BEGIN { printf("1 "); }' -P 'dtrace/probename == "BEGIN"/{ printf("2 "); }'
 */

BEGIN { printf("3\n"); exit(0); }
