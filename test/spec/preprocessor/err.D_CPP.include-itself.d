/*
 * ASSERTION: a header that includes itself is refused
 * SECTION: 1.11
 * ARGS: -Cq
 */

#include "include/itself.h"
BEGIN { exit(0); }
