/*
 * ASSERTION: trapline probes shows the sites of the probes that a program names: what is displaced, and how it is executed.
 *
 * SECTION: Machine/Patching
 *
 * ARGS: probes --machine examples/guest/kernel.elf
 */
fbt::syscall_entry:entry,
fbt::trap_anywhere:entry,
fbt::fib:return
{
}
