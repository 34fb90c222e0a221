/*
 * ASSERTION: the built-in preprocessor takes macros and directories from cppargs, and passes over what it does not know
 * SECTION: 10.2
 * ARGS: -q -C -D GONE -x cppargs=-DTWO=2 -x cppargs=-P -x cppargs=-UGONE -x cppargs=-Itest/spec/preprocessor/include -x cppargs=-DFOUR
 */
#include <guarded.h>
#ifdef GONE
#error -U comes after -D
#endif
BEGIN { printf("%d %d %d\n", TWO, FOUR, GUARDED); exit(0); }
