/*
 * ASSERTION: -s /dev/stdin reads the script from standard input
 * SECTION: 10.3
 * ARGS: -q
 * SCRIPT: /dev/stdin
 */

BEGIN { printf("%s\n", $0); exit(0); }
