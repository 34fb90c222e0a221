/*
 * ASSERTION: the name of a macro inside its own expansion stays
 * SECTION: 1.11
 * ARGS: -Cq
 */

int x, ping;
#define x (x + 1)
#define ping pong
#define pong ping
BEGIN { ping = 5; printf("%d %d\n", x, ping); exit(0); }
