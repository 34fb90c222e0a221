/*
 * ASSERTION: each END clause fits, but not all of them
 * SECTION: 9.7
 * ARGS: -b 120
 */

#pragma D option strsize=32

BEGIN { exit(0); }
END { trace(probename); }
END { trace(probename); }
