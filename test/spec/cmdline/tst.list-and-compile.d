/*
 * ASSERTION: -l lists also with -e
 * SECTION: 10.3
 * ARGS: -l -e
 */
BEGIN { exit(1); }
END { exit(1); }
