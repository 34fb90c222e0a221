/*
 * ASSERTION: a kind of fault that there is not is refused with those that there are.
 *
 * SECTION: Machine/Patching
 *
 * ARGS: --machine examples/guest/kernel.elf -x inject=smi@3
 */
fbt::fib:entry
{
}
