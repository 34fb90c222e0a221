/*
 * ASSERTION: an argument that is an integer is one, in each base and with each suffix
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 017 0x1F 12ul 0xffffffffffffffff
 */

BEGIN { printf("%d %d %d %x\n", $1, $2, $3, $4); exit(0); }
