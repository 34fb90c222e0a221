/*
 * ASSERTION: ... takes the arguments that are left, perhaps none
 * SECTION: 1.11
 * ARGS: -Cq
 */

#define SAY(fmt, ...) printf(fmt, ##__VA_ARGS__)
#define PAIR(args...) printf("%d-%d\n", args)
BEGIN { SAY("none\n"); SAY("%d %s\n", 1, "two"); PAIR(3, 4); exit(0); }
