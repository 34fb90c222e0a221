#!/usr/bin/env -S trapline -s
/*
 * Which ways through the kernel lead to a page being taken, and how many pages does each take?
 *
 * Run:   trapline -s examples/page-takers.d --machine examples/guest/kernel.elf -x seed=1 --unsafe
 * Read:  stacks, innermost first, and how many pages were taken there. Where the callers are no longer known for sure
 *        the stack ends with a line that says why. What the kernel says on its console comes before.
 * Prints (excerpt):
 *        |               kernel`new_page
 *        |               kernel`map_on_demand+0x32
 *        |               kernel`page_fault+0x4f
 *        |               kernel`trap+0xce
 *        |               kernel`trap_entry+0x36
 *        |               (callers are not known: no frame pointer)
 *        |                16
 * ARGS:  --machine examples/guest/kernel.elf -x seed=1 --unsafe
 */
#pragma D option quiet

fbt::new_page:entry
{
	@[stack()] = count();
}
