/*
 * A kernel that dies: a disk without a queue is flushed, and the handler of page faults asks a process that there is not
 * for its name, faults itself, and again, until the stack is used up.
 */
typedef unsigned long u64;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned char u8;

struct queue {
	u64 first;
	u64 length;
};

struct disk {
	const char *name;
	struct queue *queue;
};

struct process {
	u64 id;
	const char *name;
};

struct frame {
	u64 rip, cs, rflags, rsp, ss;
};

static struct queue queue0 = { 0, 3 };
static struct disk disks[] = { { "disk0", &queue0 }, { "disk1", 0 } };
static struct process *current;

static void print(const char *text)
{
	while (*text)
		asm volatile("outb %0, %1" : : "a"(*text++), "Nd"((u16)0x3f8));
}

__attribute__((noinline)) static u64 pending(const struct disk *disk)
{
	return disk->queue->length;
}

__attribute__((noinline)) static void flush(struct disk *disk)
{
	for (u64 left = pending(disk); left > 0; left--)
		print(".");
	disk->queue->first = 0;
}

__attribute__((noinline)) static void blame(const struct frame *frame)
{
	print(current->name);
	print(frame->cs & 3 ? ": segmentation fault\n" : ": kernel fault\n");
}

__attribute__((interrupt)) static void page_fault(struct frame *frame, u64 code)
{
	blame(frame);
	(void)code;
}

static struct {
	u16 low, selector;
	u8 stack, type;
	u16 middle;
	u32 high, zero;
} idt[32];

static void set_gate(int vector, u64 handler)
{
	idt[vector].low = handler;
	idt[vector].selector = 8;
	idt[vector].type = 0x8e;
	idt[vector].middle = handler >> 16;
	idt[vector].high = handler >> 32;
}

void kernel_main(void)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) pointer = { sizeof idt - 1, (u64)idt };

	set_gate(14, (u64)page_fault);
	asm volatile("lidt %0" : : "m"(pointer));
	print("crash: flushing");
	for (int i = 0; i < 2; i++)
		flush(&disks[i]);
	print("done\n");
}
