/*
 * ASSERTION: fbt probes are made for what a pattern names, by address, entry before return
 * SECTION: 2.6
 * ARGS: -q -l --symbols $TRACES/linux-x86_64-cut.vmlinux.gz
 */

fbt:vmlinux:do_*: { }
f?t::*_open*:return { }
fbt:nosuch:: { }
