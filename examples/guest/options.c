/* The command line: words NAME=NUMBER set the sizes of the work, everything else is passed over. */
#include "kernel.h"

struct options options = {
	.fib = 10, .chain = 100, .quiet = 40, .lock = 1000, .ipi = 20, .nmi = 2,
	.add = 500, .yield = 50, .bad = 10, .int80 = 100, .traps = 10, .fault = 64, .peek = 16,
	.ticks = 10, .hz = 100, .lapic = 1000000000, .cpus = 0,
};

static const struct {
	const char *name;
	u64 *value;
	u64 largest; /* more would only take long, or not fit */
} names[] = {
	{ "fib", &options.fib, 40 },
	{ "chain", &options.chain, 100000000 },
	{ "quiet", &options.quiet, 100000000 },
	{ "lock", &options.lock, 100000000 },
	{ "ipi", &options.ipi, 100000000 },
	{ "nmi", &options.nmi, 100000000 },
	{ "add", &options.add, 100000000 },
	{ "yield", &options.yield, 100000000 },
	{ "bad", &options.bad, 100000000 },
	{ "int80", &options.int80, 100000000 },
	{ "traps", &options.traps, 100000000 },
	{ "fault", &options.fault, 100000000 },
	{ "peek", &options.peek, 100000000 },
	{ "ticks", &options.ticks, 100000 },
	{ "hz", &options.hz, 10000 },
	{ "lapic", &options.lapic, 0xffffffff },
	{ "cpus", &options.cpus, MAX_CPUS },
};

static const char *after(const char *line, const char *name)
{
	while (*name)
		if (*line++ != *name++)
			return 0;
	return *line == '=' ? line + 1 : 0;
}

static void read_word(const char *word)
{
	for (u64 i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *digits = after(word, names[i].name);

		if (!digits)
			continue;
		u64 value = 0;
		while (*digits >= '0' && *digits <= '9' && value <= names[i].largest)
			value = value * 10 + (*digits++ - '0');
		*names[i].value = value > names[i].largest ? names[i].largest : value;
	}
}

void read_options(const char *line)
{
	while (*line) {
		read_word(line);
		while (*line && *line != ' ')
			line++;
		while (*line == ' ')
			line++;
	}
	if (!options.hz)
		options.hz = 100;
}
