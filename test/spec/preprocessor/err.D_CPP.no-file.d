/*
 * ASSERTION: a header that is not there
 * SECTION: 1.11
 * ARGS: -Cq
 */

#include "no-such-file.h"
BEGIN { exit(0); }
