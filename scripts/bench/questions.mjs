/**
 * The table of what is measured: one row per question, with its log, its jobs, and what we want to reach.
 *
 *   name      for --only
 *   log       kind (inputs.mjs) and size of the log; a job may have a `log` of its own
 *   jobs      the first one is trapline; all must print the same lines, but for those marked `unlike`
 *   goals     how the medians must compare, on the whole process, start-up included:
 *             { times: N, faster: A, than: B }      time of B / time of A is at least N
 *             { times: N, slower: A, than: B }      time of A / time of B is at most N
 *             { times: N, memory: A, than: B }      peak of A / peak of B is at most N
 *             { mib: N, memory: A, than: B }        peak of A - peak of B is at most N MiB
 *             { ns: N, column: C }                  the first clause costs at most N ns in that column
 *
 *   rounds    when not as many as usual
 *   peaks     it is about memory, not time
 *   script    runs by itself instead of jobs, and prints a table (clauseCosts in bench.mjs)
 *
 * Peers get the leanest program that answers the question, LC_ALL=C, and logs without what would make theirs longer. NODE, CLI
 * and LOG in an argv stand for what they name; shells have $NODE, $CLI, $READ, which is a read loop in C, and for guests
 * $GUEST, the kernel of examples/guest, and $FIFO, a path for one.
 */
const X86_HEADER = '^ *[0-9]+: v=';
const BY_VECTOR = 'vec::: { @[vector] = count(); } END { printa("%02x %@d\\n", @); }';
const BY_RIP = 'vec:::0x0e { @[rip] = count(); } END { printa("%016x %@d\\n", @); }';
const BY_PC = 'exec:::tb { @[pc] = count(); } END { printa("%016x %@d\\n", @); }';
const ONE = ['-x', 'workers=1'];
const CAREFUL = ['-x', 'scan=careful'];

/** `--unsafe`: count all events, as peers do, also where interrupts were disabled. */
const own = (program, options = []) => ['NODE', 'CLI', '--unsafe', ...options, '-qn', program, '-t', 'LOG'];
const trapline = (program, options, name = 'trapline') => ({ name, argv: own(program, options) });
const oneThread = (program) => trapline(program, ONE, 'trapline, one thread');
const mawk = (...args) => ({ name: 'mawk', needs: ['mawk'], argv: ['mawk', ...args, 'LOG'] });

const NODE_0 = { name: 'node -e 0', unlike: true, argv: ['NODE', '-e', '0'] };
const WC = { name: 'wc -l', needs: ['wc'], unlike: true, argv: ['wc', '-l', 'LOG'] };
const READ = { name: 'C read loop', needs: ['cc'], unlike: true, sh: 'exec "$READ" < "$1"' };

/** Those who count lines of an int log by `key`, an awk expression. */
const countersBy = (header, key) => {
  const count = `{ n[${key}]++ } END { for (k in n) print k, n[k] }`;
  return [
    mawk(`/${header}/ ${count}`),
    {
      name: 'pipeline', // what people type
      needs: ['grep', 'mawk', 'sort', 'uniq'],
      sh: `grep -E '${header}' "$1" | mawk '{ print ${key} }' | sort | uniq -c | mawk '{ print $2, $1 }'`,
    },
    { name: 'rg | mawk', needs: ['rg', 'mawk'], sh: `rg '${header}' "$1" | mawk '${count}'` },
  ];
};
const PERL_BY_VECTOR = {
  name: 'perl',
  needs: ['perl'],
  argv: [
    ...['perl', '-ne', '$n{$1}++ if /^ *\\d+: v=(..)/; END { print "$_ $n{$_}\\n" for keys %n }'],
    'LOG',
  ],
};

const int = (name, bytes, { more = [], goals = [] } = {}) => ({
  ...{ name, title: 'events by vector', log: { kind: 'int', bytes }, goals },
  jobs: [
    ...[trapline(BY_VECTOR), oneThread(BY_VECTOR), ...countersBy(X86_HEADER, 'substr($2, 3)')],
    ...[...more, WC, READ],
  ],
});

const keys = (name, goals = []) => ({
  ...{ name, title: `exec log, by pc: ${name.slice(5)} different ones`, goals },
  log: { kind: name, bytes: 500e6 },
  jobs: [
    trapline(BY_PC),
    mawk('-F/', '{ n[$2]++ } END { for (k in n) print k, n[k] }'),
    {
      name: 'pipeline',
      needs: ['cut', 'sort', 'uniq', 'mawk'],
      sh: `cut -d/ -f2 "$1" | sort | uniq -c | mawk '{ print $2, $1 }'`,
    },
  ],
});

/** Nothing to reach here: how fast logs of one kind are read, and that both ways of it see the same. */
const source = (kind, program, counts, bytes = 100e6) => ({
  ...{ name: `source-${kind}`, title: `reading ${kind} logs`, log: { kind, bytes }, rounds: 3, goals: [] },
  jobs: [trapline(program), trapline(program, CAREFUL, 'trapline, careful'), mawk(...[counts].flat()), WC],
});
/** For kinds of which large logs do not occur: they come from serial ports and small buffers. */
const SHORT_BYTES = 20e6;
const counting = (header, key) => `${header} { n[${key}]++ } END { for (k in n) print k, n[k] }`;

/** What quantize() prints, as lines `value count`. */
const distribution = (text) =>
  Array.from(text.matchAll(/^ *(-?\d+) \|[@ ]* (\d+) *$/gm), (match) => `${match[1]} ${match[2]}`).filter(
    (line) => !line.endsWith(' 0'),
  );
const GAPS = `vec:::0x0e { self->t = seq + 1; }
  vec:::0xec /self->t/ { @ = quantize(seq + 1 - self->t); self->t = 0; }`;
const GAPS_MAWK = `/${X86_HEADER}0e/ { t = $1 + 1 }
  /${X86_HEADER}ec/ && t { for (b = 1; b * 2 <= $1 + 1 - t; b *= 2); n[b]++; t = 0 }
  END { for (b in n) print b, n[b] }`;

const memoryJob = (bytes, options, name) => ({
  ...trapline(BY_VECTOR, options, `${name}, ${(bytes / 1e9).toString()} GB`),
  log: { kind: 'int', bytes },
});

/** QEMU takes the shell's place, so the job's time is the guest's. Whoever reads its log ends with it. */
const guest = (name, reader, more = {}) => ({
  ...{ name, needs: ['qemu-system-x86_64', 'mkfifo'], ...more },
  sh: `${reader && `rm -f "$FIFO"; mkfifo "$FIFO" || exit; ${reader} &`}
    exec qemu-system-x86_64 -accel tcg -kernel "$GUEST" -append '${PAGE_FAULT_STORM}' ${reader && '-d int -D "$FIFO"'} \\
      -display none -no-reboot -monitor none -serial null > /dev/null`,
});
const PAGE_FAULT_STORM = 'fault=100000 fib=1 chain=1 lock=1 add=1 int80=1 ticks=1';
const FAULTS = 'vec::page_fault: { @ = count(); } END { printa("%@d\\n", @); }';

export const QUESTIONS = [
  {
    ...{ name: 'start', title: 'start-up: no log, and a log of 100 kB', log: { kind: 'int', bytes: 100e3 } },
    jobs: [
      { name: 'trapline, no log', argv: ['NODE', 'CLI', '-qn', 'BEGIN { exit(0); }'], unlike: true },
      { ...trapline(BY_VECTOR), unlike: true },
      NODE_0,
    ],
    rounds: 15,
    goals: [
      { times: 1.5, slower: 'trapline, no log', than: 'node -e 0' },
      { times: 1.6, slower: 'trapline', than: 'node -e 0' },
    ],
  },
  {
    ...{
      name: 'start-10m',
      title: 'start-up: a log of 10 MB',
      log: { kind: 'int', bytes: 10e6 },
      rounds: 15,
    },
    jobs: [trapline(BY_VECTOR), mawk(counting(`/${X86_HEADER}/`, 'substr($2, 3)')), NODE_0],
    goals: [{ times: 1.6, slower: 'trapline', than: 'node -e 0' }],
  },
  int('int-100m', 100e6, {
    more: [PERL_BY_VECTOR],
    goals: [{ times: 1, faster: 'trapline', than: 'mawk' }],
  }),
  int('int-1g', 1e9, {
    more: [PERL_BY_VECTOR],
    goals: [
      { times: 5, faster: 'trapline', than: 'mawk' },
      { times: 7, faster: 'trapline', than: 'pipeline' },
      { times: 0.8, faster: 'trapline', than: 'wc -l' },
    ],
  }),
  {
    ...{ name: 'faults-1g', title: 'page faults by rip', log: { kind: 'int', bytes: 1e9 }, goals: [] },
    jobs: [trapline(BY_RIP), ...countersBy('^ *[0-9]+: v=0e', 'substr($7, 4)'), WC],
  },
  {
    ...{ name: 'print-1g', title: 'a line of three fields per event', log: { kind: 'int', bytes: 1e9 } },
    jobs: [
      trapline('vec::: { printf("%d %02x %016x\\n", seq, vector, rip); }'),
      mawk(`/${X86_HEADER}/ { print $1 + 0, substr($2, 3), substr($7, 4) }`),
    ].map((job) => ({ ...job, ordered: true })),
    goals: [{ times: 3, faster: 'trapline', than: 'mawk' }],
  },
  {
    ...{ name: 'pipe', title: 'events by vector, from a pipe', log: { kind: 'int', bytes: 1e9 } },
    jobs: [
      { name: 'trapline', sh: `cat "$1" | "$NODE" "$CLI" --unsafe -qn '${BY_VECTOR}' -t -` },
      { name: 'mawk', needs: ['mawk'], sh: `cat "$1" | ${shellMawk('substr($2, 3)')}` },
      { name: 'bare pipe', needs: ['cc'], unlike: true, sh: 'cat "$1" | "$READ"' },
    ],
    goals: [
      { times: 0.9, faster: 'trapline', than: 'bare pipe' },
      { times: 1.1, faster: 'trapline', than: 'mawk' },
    ],
  },
  {
    ...{ name: 'fifo', title: 'a live guest faults 100 000 times, and its log is read from a FIFO' },
    jobs: [
      guest('trapline', `"$NODE" "$CLI" --unsafe -qn '${FAULTS}' -t "$FIFO"`),
      guest('mawk', `mawk '/${X86_HEADER}0e/ { n++ } END { print n }' "$FIFO"`, {
        needs: ['qemu-system-x86_64', 'mkfifo', 'mawk'],
      }),
      guest('cat', 'cat "$FIFO" > /dev/null', { unlike: true }),
      guest('no log', '', { unlike: true }),
    ],
    goals: [{ times: 1.05, slower: 'trapline', than: 'cat' }], // no slower, as far as runs of the same differ
  },
  int('int-4g', 4e9, {
    goals: [
      { times: 11, faster: 'trapline', than: 'mawk' },
      { times: 15, faster: 'trapline', than: 'pipeline' },
      { times: 1.7, faster: 'trapline', than: 'wc -l' },
      { times: 8.5, faster: 'trapline, one thread', than: 'mawk' },
      { times: 1.3, faster: 'trapline, one thread', than: 'wc -l' },
    ],
  }),
  {
    ...{ name: 'gaps-4g', title: 'gaps between two vectors', log: { kind: 'int', bytes: 4e9 } },
    jobs: [{ ...trapline(GAPS), parse: distribution }, mawk(GAPS_MAWK)],
    goals: [{ times: 8, faster: 'trapline', than: 'mawk' }],
  },
  int('int-8g', 8e9),
  {
    ...{ name: 'memory', title: 'peak memory by size', rounds: 2, peaks: true },
    jobs: [
      memoryJob(100e6, [], 'trapline'),
      ...[1e9, 4e9, 8e9].map((bytes) => memoryJob(bytes, [], 'trapline')),
      ...[100e6, 1e9, 4e9, 8e9].map((bytes) => memoryJob(bytes, ONE, 'one thread')),
      NODE_0,
    ].map((job) => ({ ...job, unlike: true })),
    goals: [
      { mib: 64, memory: 'trapline, 8 GB', than: 'node -e 0' },
      { mib: 64, memory: 'one thread, 8 GB', than: 'node -e 0' },
      { times: 1.1, memory: 'one thread, 8 GB', than: 'one thread, 0.1 GB' },
      { times: 1.1, memory: 'trapline, 8 GB', than: 'trapline, 4 GB' },
    ],
  },
  {
    ...{ name: 'exec-4g', title: 'exec log, by pc', log: { kind: 'exec', bytes: 4e9 } },
    jobs: [
      ...[trapline(BY_PC), oneThread(BY_PC), mawk('-F/', counting('', '$2'))],
      // All host addresses of the bundled capture are equally long, which nobody who asks can know.
      { ...mawk(counting('', 'substr($0, 43, 16)')), name: 'mawk, fixed columns' },
      ...[WC, READ],
    ],
    goals: [
      { times: 14, faster: 'trapline', than: 'mawk' },
      { times: 1.2, faster: 'trapline', than: 'wc -l' },
      { times: 9, faster: 'trapline, one thread', than: 'mawk' },
    ],
  },
  keys('keys-10'),
  keys('keys-10k'),
  keys('keys-1m', [
    { times: 12, faster: 'trapline', than: 'mawk' },
    { times: 1.5, memory: 'trapline', than: 'mawk' },
  ]),
  {
    ...{ name: 'gzip', title: 'events by vector, .gz', log: { kind: 'int', bytes: 400e6, zip: true } },
    jobs: [
      trapline(BY_VECTOR),
      {
        name: 'gzip | mawk',
        needs: ['gzip', 'mawk'],
        sh: `gzip -dc "$1" | ${shellMawk('substr($2, 3)')}`,
      },
      {
        name: 'pigz | mawk',
        needs: ['pigz', 'mawk'],
        sh: `pigz -dc "$1" | ${shellMawk('substr($2, 3)')}`,
      },
    ],
    goals: [{ times: 2.5, faster: 'trapline', than: 'gzip | mawk' }],
  },
  source('int', BY_VECTOR, counting(`/${X86_HEADER}/`, 'substr($2, 3)')),
  source('exec', BY_PC, ['-F/', counting('', '$2')]),
  source('i386', BY_VECTOR, counting(`/${X86_HEADER}/`, 'substr($2, 3)')),
  source(
    'arm',
    'vec::: { @ = count(); } END { printa("%@d\\n", @); }',
    '/^Taking exception/ { n++ } END { print n }',
  ),
  source(
    'riscv',
    'vec::: { @[cause] = count(); } END { printa("%016x %@d\\n", @); }',
    counting('/^riscv_cpu_do_interrupt/', 'substr($4, 7, 16)'),
  ),
  source(
    'ftrace',
    'ftrace::: { @[probename] = count(); } END { printa("%s %@d\\n", @); }',
    ['-F: ', counting('!/^#/', '$2')],
    SHORT_BYTES,
  ),
  source(
    'text',
    'sdt::: { @[probename] = count(); } END { printa("%s %@d\\n", @); }',
    counting('/^\\[trace\\]/', 'substr($4, 6)'),
    SHORT_BYTES,
  ),
  {
    ...{ name: 'clauses', title: 'one firing of a clause', script: 'clause-cost.mjs' },
    goals: [
      { ns: 15, column: 'rows' },
      { ns: 250, column: 'interpreter' },
    ],
  },
];

function shellMawk(key) {
  return `mawk '${counting(`/${X86_HEADER}/`, key)}'`;
}
