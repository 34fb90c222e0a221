/*
 * ASSERTION: after -- a word is an operand, even one that is a switch elsewhere
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: -- -32 -64 -q
 */
BEGIN { printf("%d %d %s", $1, $2, $$3); exit(0); }
