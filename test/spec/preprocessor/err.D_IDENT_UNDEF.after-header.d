/*
 * ASSERTION: an error after a header names the script
 * SECTION: 1.11
 * ARGS: -Cq
 */

#include "include/guarded.h"

BEGIN { trace(bad); exit(0); }
