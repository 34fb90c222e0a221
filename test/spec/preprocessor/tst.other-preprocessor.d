/*
 * ASSERTION: what the preprocessor of -x cpppath writes is compiled, here the script itself
 * SECTION: 1.11
 * ARGS: -Cq -x cpppath=test/spec/preprocessor/include/passing.sh -D A=1
 */

BEGIN { printf("through cat\n"); exit(0); }
