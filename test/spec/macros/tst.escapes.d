/*
 * ASSERTION: escapes in string arguments are converted
 * SECTION: 1.9
 * ARGS: -q
 * OPERANDS: 'a\tb c' 'x\ny'
 */

BEGIN { printf("%s|%d\n", $1, strlen($$2)); exit(0); }
