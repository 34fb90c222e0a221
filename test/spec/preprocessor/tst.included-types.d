/*
 * ASSERTION: headers may give their own types to names that every program has, and declare C's functions
 * SECTION: 1.11
 * ARGS: -Cq -I test/spec/preprocessor/include
 */

#include <system.h>

dev_t device;
BEGIN { printf("%d\n", sizeof (device)); exit(0); }
