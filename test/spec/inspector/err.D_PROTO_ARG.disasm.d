/*
 * ASSERTION: disasm() takes its number of instructions as a constant.
 *
 * SECTION: Inspector/disasm
 */
BEGIN
{
	disasm(pc, pid);
}
