/*
 * ASSERTION: also in a header: the message names that
 * SECTION: 1.11
 * ARGS: -Cq
 */

#include "include/open.h"
BEGIN { exit(0); }
