/*
 * ASSERTION: setenv and unsetenv change the environment of the command of -c
 * SECTION: 10.2
 * ARGS: -q -x setenv=TRAP=a=b -x unsetenv=HOME -x setenv=EMPTY= -c '/usr/bin/printenv TRAP HOME EMPTY'
 */
BEGIN { }
