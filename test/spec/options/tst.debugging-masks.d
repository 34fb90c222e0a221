/*
 * ASSERTION: bit masks of what a debugging compiler prints are numbers, and change nothing
 * SECTION: 10.2
 * ARGS: -x disasm=15 -x tree=0x3 -x pcapsize=64
 */
BEGIN { trace("same"); exit(0); }
