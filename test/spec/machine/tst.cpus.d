/*
 * ASSERTION: -x cpus gives the built-in machine its CPUs, and -x append the kernel its command line
 * SECTION: 14
 * ARGS: -q --machine examples/guest/kernel.elf -x cpus=3 -x append=chain=5
 */

fbt::chain_a:entry { @[cpu] = count(); @all["chain_a"] = count(); }
vec:::0x80 /cpu == 2/ { exit(0); }
