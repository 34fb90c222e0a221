/*
 * ASSERTION: a symbol that no symbol file has is told as such
 * SECTION: 11
 * ARGS: --symbols examples/traces/linux-x86_64-cut.kallsyms.gz
 */

BEGIN { trace(`no_such_symbol); exit(0); }
