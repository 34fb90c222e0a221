/*
 * ASSERTION: a symbol of no known type has no members
 * SECTION: 11
 * ARGS: --symbols examples/traces/linux-x86_64-cut.kallsyms.gz
 */

BEGIN { trace(`init_sighand.count); exit(0); }
