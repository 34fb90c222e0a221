/*
 * ASSERTION: sym(), func(), mod() and their user kin as keys count all addresses of a symbol or module together; uaddr() does not
 * SECTION: 7.6
 * ARGS: --symbols $TRACES/linux-x86_64-cut.kallsyms.gz
 */

BEGIN
{
	@a["sym", sym(0xffffffff819fa1b2)] = count();
	@a["sym", sym(0xffffffff819fa1b3)] = count();
	@b["func", func(0xffffffff819fa1b2)] = count();
	@b["func", func(0xffffffff819fa1b3)] = count();
	@c["mod", mod(0xffffffff819fa1b2)] = count();
	@c["mod", mod(0xffffffff81000000)] = count();
	@d["usym", usym(0xffffffff819fa1b2)] = count();
	@d["usym", usym(0xffffffff819fa1b3)] = count();
	@e["uaddr", uaddr(0xffffffff819fa1b2)] = count();
	@e["uaddr", uaddr(0xffffffff819fa1b3)] = count();
	@f["unknown", sym(0x1000)] = count();
	@f["unknown", sym(0x1001)] = count();
	@g["umod", umod(0xffffffff819fa1b2)] = count();
	@g["umod", umod(0xffffffff81000000)] = count();
	exit(0);
}
