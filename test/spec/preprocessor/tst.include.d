/*
 * ASSERTION: #include "f" looks beside the script, <f> in the directories of -I; a header may guard itself
 * SECTION: 1.11
 * ARGS: -Cq -I test/spec/preprocessor/include
 */

#include "include/guarded.h"
#include "include/guarded.h"
#include <guarded.h>
#include <nested.h>
#define NAME <once.h>
#include NAME
#include NAME
BEGIN { printf("%d %d %d %d\n", GUARDED, NESTED, ONCE, __LINE__); exit(0); }
