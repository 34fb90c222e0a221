/*
 * ASSERTION: tracing ends with the command of -c, whose pid is $target
 * SECTION: 10.3
 * ARGS: -q -c true
 */
BEGIN { printf("%d", $target > 1 && $target != $pid); }
END { printf(" end\n"); exit(3); }
