/*
 * ASSERTION: an error in a header names the header and its line
 * SECTION: 1.11
 * ARGS: -Cq
 */

#include "include/broken.h"
BEGIN { trace(broken); exit(0); }
