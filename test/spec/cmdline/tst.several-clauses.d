/*
 * ASSERTION: an argument of -n may hold several clauses
 * SECTION: 10.3
 * ARGS: -q -n 'BEGIN { n = 1; } BEGIN /n/ { printf("two "); exit(n - 1); }'
 */

END { printf("end\n"); }
