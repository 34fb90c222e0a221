/*
 * ASSERTION: #undef takes a macro away
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define A 1
#undef A
#undef NEVER_DEFINED
#ifdef A
BEGIN { printf("defined\n"); exit(0); }
#else
BEGIN { printf("undefined\n"); exit(0); }
#endif
