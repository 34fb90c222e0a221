/*
 * ASSERTION: a command that cannot be executed ends everything, before compiling
 * SECTION: 10.3
 * ARGS: -c '/nowhere/nothing a b'
 */
BEGIN { syntax error
