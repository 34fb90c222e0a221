/*
 * What the test guest does, and says that it did: `workload priority:5000 int80:500 fault:2000 …`
 *
 * Each step is a thing that nothing else in the guest does, or does at places of its own, so that a tracer's counts can be
 * held to the numbers printed. No C library: the program makes just these system calls. Build:
 *   gcc -O1 -static -nostdlib -fno-stack-protector -fno-pie -no-pie -o workload workload.c
 */
typedef long word;

#define SYS_write 1
#define SYS_mmap 9
#define SYS_munmap 11
#define SYS_fork 57
#define SYS_exit 60
#define SYS_wait4 61
#define SYS_priority_max 146 /* sched_get_priority_max */
#define SYS_priority_min 147
#define SYS_openat 257

static word call(word n, word a, word b, word c, word d, word e, word f)
{
	word r;
	register word r10 asm("r10") = d;
	register word r8 asm("r8") = e;
	register word r9 asm("r9") = f;
	asm volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return r;
}

static word int80(word n, word a)
{
	word r;
	asm volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a) : "memory", "r8", "r9", "r10", "r11");
	return r;
}

static word length(const char *s)
{
	word n = 0;
	while (s[n])
		n++;
	return n;
}

static void say(const char *s) { call(SYS_write, 1, (word)s, length(s), 0, 0, 0); }

static void say_number(word n)
{
	char text[24];
	int at = sizeof text - 1;
	text[at] = 0;
	do
		text[--at] = '0' + n % 10;
	while (n /= 10);
	say(text + at);
}

/* SCHED_FIFO (1) has a maximum of 99, policy 77 does not exist: -EINVAL. */
static void priority(word n)
{
	for (word i = 0; i < n; i++)
		call(SYS_priority_max, i % 10 ? 1 : 77, 0, 0, 0, 0, 0);
}

/* The 32-bit call 160 is sched_get_priority_min. */
static void old_call(word n)
{
	for (word i = 0; i < n; i++)
		int80(160, 1);
}

#define PAGE 4096
#define CHUNK 256

/* Each page is touched once, from the one instruction at `touch`. */
static void fault(word n)
{
	for (word i = 0; i < n;) {
		char *base = (char *)call(SYS_mmap, 0, CHUNK * PAGE, 3, 0x22, -1, 0);
		for (word j = 0; j < CHUNK && i < n; j++, i++)
			asm volatile(".globl touch\ntouch: movb $1, (%0)" : : "r"(base + j * PAGE) : "memory");
		call(SYS_munmap, (word)base, CHUNK * PAGE, 0, 0, 0, 0);
	}
}

static void open_missing(word n)
{
	for (word i = 0; i < n; i++)
		call(SYS_openat, -100, (word) "/no/such/file", 0, 0, 0, 0);
}

static void fork_and_wait(word n)
{
	for (word i = 0; i < n; i++) {
		word pid = call(SYS_fork, 0, 0, 0, 0, 0, 0);
		if (pid == 0)
			call(SYS_exit, 0, 0, 0, 0, 0, 0);
		call(SYS_wait4, pid, 0, 0, 0, 0, 0);
	}
}

static const struct {
	const char *name;
	void (*run)(word);
} steps[] = {
	{ "priority", priority }, { "int80", old_call },	{ "fault", fault },
	{ "open", open_missing }, { "fork", fork_and_wait },
};

static word step(char *text)
{
	char *p = text;
	word n = 0;
	while (*p && *p != ':')
		p++;
	if (*p)
		*p++ = 0;
	while (*p >= '0' && *p <= '9')
		n = n * 10 + *p++ - '0';
	for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
		const char *a = steps[i].name, *b = text;
		while (*a && *a == *b)
			a++, b++;
		if (*a != *b)
			continue;
		steps[i].run(n);
		say("workload: ");
		say(text);
		say(" ");
		say_number(n);
		say("\n");
		return 0;
	}
	return 1;
}

void start(word *stack)
{
	word status = 0;
	for (word i = 1; i < stack[0]; i++)
		status |= step((char *)stack[i + 1]);
	call(SYS_exit, status, 0, 0, 0, 0, 0);
}

asm(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall start\n");
