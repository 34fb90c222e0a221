/*
 * ASSERTION: safe mode withholds functions that run with interrupts disabled, and counts them
 * SECTION: 14
 * ARGS: -q --machine examples/guest/kernel.elf -x append=quiet=8
 */

fbt::quiet_step:entry { @["quiet_step"] = count(); }
fbt::chain_b:entry { @["chain_b"] = count(); }
vec:::0x80 { exit(0); }
