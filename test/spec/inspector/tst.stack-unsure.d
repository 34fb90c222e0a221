/*
 * ASSERTION: stack() says where it is no longer sure: below trap() lies the entry code, which keeps no frame pointer, when the
 * kernel was interrupted; when a program was, rbp 0 is where the stack ends.
 *
 * SECTION: Inspector/stack
 *
 * ARGS: --machine examples/guest/kernel.elf -x append=fib=2 --unsafe -q
 */
fbt::trap:entry
/((struct { uint64_t words[21]; } *)arg0)->words[18] == 8 && !kernels++/
{
	stack();
}

fbt::do_syscall:entry
{
	stack();
	exit(0);
}
