/*
 * ASSERTION: ## joins its neighbours, which are not replaced before
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define COUNTER(n) counter_ ## n
#define N 7
BEGIN { COUNTER(a) = 1; counter_N = 2; printf("%d %d\n", counter_a, COUNTER(N)); exit(0); }
