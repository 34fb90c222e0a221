/*
 * ASSERTION: ## stands between two words
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define f(a) a ##
BEGIN { exit(0); }
