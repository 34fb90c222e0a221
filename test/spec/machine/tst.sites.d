/*
 * ASSERTION: -lv of a machine shows how its code would be patched: the guest's bytes, the patch, how the displaced
 * instruction is executed.
 *
 * SECTION: Machine/Patching
 *
 * ARGS: --machine examples/guest/kernel.elf -lv
 */
fbt::fib:entry,
fbt::fib:return
{
}
