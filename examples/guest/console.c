/* The serial port COM1 as a console, a small printf, and the way to switch the machine off. */
#include "kernel.h"

#define COM1 0x3f8
#define POWER_CONTROL 0x604 /* ACPI PM1a control of QEMU's pc and q35 machines */
#define SLEEP_OFF 0x2000

static struct spinlock console;

void console_start(void)
{
	out8(COM1 + 1, 0x00); /* no interrupts */
	out8(COM1 + 3, 0x80); /* the divisor follows */
	out8(COM1 + 0, 0x01); /* 115200 baud */
	out8(COM1 + 1, 0x00);
	out8(COM1 + 3, 0x03); /* 8 bits, no parity */
	out8(COM1 + 2, 0x07); /* queues on and empty */
}

static void put(char c)
{
	while (!(in8(COM1 + 5) & 0x20))
		relax();
	out8(COM1, c);
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_number(u64 n, u64 base)
{
	char text[21];
	u64 at = sizeof text - 1;

	text[at] = 0;
	do
		text[--at] = "0123456789abcdef"[n % base];
	while (n /= base);
	put_string(text + at);
}

void print_bytes(const char *bytes, u64 size)
{
	u64 flags = lock(&console);

	while (size-- > 0)
		put(*bytes++);
	unlock(&console, flags);
}

void print(const char *format, ...)
{
	__builtin_va_list values;
	u64 flags = lock(&console);

	__builtin_va_start(values, format);
	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		switch (*++format) {
		case 's':
			put_string(__builtin_va_arg(values, const char *));
			break;
		case 'u':
			put_number(__builtin_va_arg(values, u64), 10);
			break;
		case 'x':
			put_number(__builtin_va_arg(values, u64), 16);
			break;
		}
	}
	__builtin_va_end(values);
	unlock(&console, flags);
}

void power_off(void)
{
	interrupts_off();
	out16(POWER_CONTROL, SLEEP_OFF);
	for (;;)
		asm volatile("hlt");
}
