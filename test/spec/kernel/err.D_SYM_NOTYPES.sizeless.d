/*
 * ASSERTION: a symbol of no known type has no elements
 * SECTION: 11
 * ARGS: --symbols test/spec/kernel/linux.kallsyms
 */

BEGIN { trace(`slab_mutex[1]); }
