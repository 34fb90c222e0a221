/*
 * ASSERTION: -i names a probe by its number
 * SECTION: 2.6
 * ARGS: -q -i '1 { printf("%d %s\n", id, probename); exit(0); }'
 */

END { }
