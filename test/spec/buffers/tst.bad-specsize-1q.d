/*
 * ASSERTION: a value that the option cannot take is refused
 * SECTION: 10.1
 * ARGS: -x specsize=1q
 */

BEGIN { exit(0); }
