/*
 * ASSERTION: of #if, #elif and #else the first that holds counts; the others are skipped whole
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define V 3
#if V < 2
BEGIN { printf("small\n"); }
#elif V < 4
BEGIN { printf("middle\n"); }
#elif 1 / 0
#error not evaluated
#else
BEGIN { printf("large\n"); }
#endif
#if 0
#error not reached
# nonsense 'with an open quote
#if 1
BEGIN { printf("inside\n"); }
#else
BEGIN { printf("inside else\n"); }
#endif
#endif
BEGIN { exit(0); }
