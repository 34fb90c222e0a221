/*
 * ASSERTION: a base that moves symbols beyond 64 bits is refused
 * SECTION: 10.3
 * ARGS: --symbols test/spec/symbols/mangled.nm@0xffffffffffffffff
 */

BEGIN { sym(1); exit(0); }
