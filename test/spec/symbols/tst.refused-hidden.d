/*
 * ASSERTION: /proc/kallsyms as read without privilege, all zeros, is refused, with what to do in the guest
 * SECTION: 10.3
 * ARGS: --symbols test/spec/symbols/hidden.kallsyms
 */

BEGIN { sym(1); exit(0); }
