#!/usr/sbin/dtrace -Cqs
/*
 * ASSERTION: the #! line is skipped and still counts as one
 * SECTION: 1.11
 * ARGS: -Cq
 */

BEGIN { printf("%d\n", __LINE__); exit(0); }
