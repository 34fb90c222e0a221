/*
 * ASSERTION: with bufresize=manual a buffer larger than memory ends the program
 * SECTION: 9.7
 * ARGS: -x bufresize=manual -x aggsize=100t
 */
BEGIN { exit(0); }
