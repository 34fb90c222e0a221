#!/usr/bin/env -S trapline -s
/*
 * Which system calls do 32-bit programs make through INT 0x80?
 *
 * Run:   trapline -s examples/int80-mix.d -t examples/traces/linux-i386-boot.log.gz
 * Read:  calls by name (numbers of 32-bit Linux; those without a name here show as sys_N), least frequent first, how
 *        many address spaces made them, and the run lengths: how often the same call was made in a row. A long run is a
 *        loop around one call. 64-bit programs call through SYSCALL, which an interrupt log does not show.
 * Prints (excerpt):
 *        | CALL                    CALLS   SPACES
 *        | set_thread_area             7        5
 *        | brk                        35        5
 *        | getpid                   1500        1
 *
 * ARGS:  -t $TRACES/linux-i386-boot.log.gz
 */
#pragma D option quiet

string name[int];
int known[int, uint64_t];
self int previous, run;

BEGIN
{
	name[1] = "exit";
	name[2] = "fork";
	name[3] = "read";
	name[4] = "write";
	name[5] = "open";
	name[6] = "close";
	name[7] = "waitpid";
	name[11] = "execve";
	name[20] = "getpid";
	name[45] = "brk";
	name[54] = "ioctl";
	name[91] = "munmap";
	name[114] = "wait4";
	name[120] = "clone";
	name[125] = "mprotect";
	name[174] = "rt_sigaction";
	name[192] = "mmap2";
	name[243] = "set_thread_area";
	name[252] = "exit_group";
}

vec:soft:int:0x80
{
	this->name = name[eax] != "" ? name[eax] : strjoin("sys_", lltostr(eax));
	@calls[this->name] = count();
}

vec:soft:int:0x80
/known[eax, cr3] == 0/
{
	known[eax, cr3] = 1;
	@spaces[this->name] = count();
}

vec:soft:int:0x80
/self->run && self->previous != eax/
{
	@runs["calls in a row"] = quantize(self->run);
	self->run = 0;
}

vec:soft:int:0x80
{
	self->previous = eax;
	self->run++;
}

END
{
	printf("%-20s %8s %8s\n", "CALL", "CALLS", "SPACES");
	printa("%-20s %@8d %@8d\n", @calls, @spaces);
	printa(@runs);
}
