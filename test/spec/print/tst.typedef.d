/*
 * ASSERTION: types print as they were declared
 * SECTION: 8.6
 */

#pragma D option quiet

typedef struct pair { int a; } pair_t;
pair_t p;
BEGIN { p.a = 3; print(p); print((hrtime_t)4); printf("\n"); exit(0); }
