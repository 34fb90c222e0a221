/*
 * ASSERTION: #if cannot divide by zero
 * SECTION: 1.11
 * ARGS: -Cq
 */

#if 4 % (2 - 2)
#endif
BEGIN { exit(0); }
