/*
 * ASSERTION: -H prints the names of included files
 * SECTION: 1.11
 * ARGS: -CqH -I test/spec/preprocessor/include
 */

#include <nested.h>
BEGIN { exit(0); }
