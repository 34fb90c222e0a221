/**
 * Both tiers do the same: random well-typed programs over random firings leave the same records, faults, drops and
 * aggregations, byte for byte; fired one by one, and over the rows of a batch at once. TIER_RUNS says how many.
 * If this breaks, look in src/engine/fast.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinearMemory } from '../../src/base/linear-memory.ts';
import type { Program } from '../../src/dif/program.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine, EngineSizes, RowProbes, TierChoice } from '../../src/engine/engine-contract.ts';
import { FIRING, Firing, NO_ROW } from '../../src/engine/firing.ts';
import { ProbeTable } from '../../src/engine/probes.ts';
import { EVENT_FLAGS, EVENT_KINDS, EventBatch } from '../../src/machine/event-batch.ts';
import { REGISTERS } from '../../src/machine/registers.ts';
import { compiledD } from '../support/compile-d.ts';
import { SIZES } from '../support/program-run.ts';

// Programs.

const number = fc.oneof(
  fc.integer({ min: -3, max: 70 }).map(String),
  fc.integer({ min: 0, max: 63 }).map((bit) => `(1LL << ${bit})`),
  fc.constantFrom('0x7fffffff', '0xffffffff', '0x7fffffffffffffff', '0x8000000000000000', '-2147483648'),
);
const VARIABLES = [
  'i',
  'l',
  'c',
  'u',
  'this->x',
  'this->y',
  'self->v',
  'self->c',
  'a[1, 2]',
  'm[3]',
  'arr[1]',
];
/** That have a value in every firing, and those that may fault. */
const SAFE = [
  'cpu',
  'timestamp',
  'id',
  'epid',
  'ipl',
  'arg0',
  'arg1',
  'arg2',
  'arg9',
  'pid',
  'tid',
  'errno',
  'stackdepth',
];
const UNSAFE = [
  ...['vector', 'cpl', 'pc', 'sp', 'errcode', 'seq', 'iflag', 'line', 'rip', 'rax', 'eax', 'cr3', 'nmi'],
  ...['arr[i]', 'uregs[R_RIP]', '(*(char *)i)', '(l / c)', '(c % l)'],
];
const BINARY = [
  ...['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'],
  ...['<', '<=', '>', '>=', '==', '!=', '&&', '||', '^^'],
];
/** That the interpreter decides in few instructions; outside a row they fault. */
const PREDICATES = [
  ...[
    'cpl == 3',
    'cpl == 3 && (errcode & 2)',
    'vector == 14 || vector == 32',
    '!(arg0 & 6)',
    'arg1 & 0xff00000000',
  ],
  ...['vector == arg0', 'cpl && !(u & 0x80)', 'self->c == 3 && cpl == 3', 'i ? (cpl == 3) : (arg2 & 1)'],
];
const TYPES = [
  'char',
  'unsigned char',
  'short',
  'unsigned short',
  'int',
  'unsigned int',
  'long',
  'unsigned long',
];

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { arbitrary: number, weight: 1 },
    { arbitrary: fc.constantFrom(...VARIABLES), weight: 4 },
    { arbitrary: fc.constantFrom(...SAFE), weight: 3 },
    fc.constantFrom(...UNSAFE),
    {
      arbitrary: fc
        .tuple(tie('value'), fc.constantFrom(...BINARY), tie('value'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      weight: 3,
    },
    fc.tuple(tie('value'), fc.constantFrom(...BINARY), number).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(fc.constantFrom('-', '~', '!'), tie('value')).map(([op, a]) => `${op}(${a})`),
    fc.tuple(fc.constantFrom(...TYPES), tie('value')).map(([type, a]) => `(${type})(${a})`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map(([a, b, c]) => `((${a}) ? (${b}) : (${c}))`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `a[(int)(${a}), (int)(${b})]`),
    tie('value').map((a) => `m[(char)(${a})]`),
    tie('value').map((a) => `arr[(${a}) & 3]`),
    fc.constantFrom('strlen(s)', '(s == "b")', '(s < probename)', '(self->s == s)', 'n[s]', 'htons(u)'),
    fc.constantFrom('self->k[i, 2]', 'p[c & 3]', '(*p)'),
    fc.tuple(fc.constantFrom(...VARIABLES), tie('value')).map(([to, from]) => `(${to} = ${from})`),
    fc.tuple(fc.constantFrom(...VARIABLES), tie('value')).map(([to, from]) => `(${to} = ${from}, ${to})`),
    fc.constantFrom('i++', '--l', 'this->y++', '(self->c += 3)'),
  ),
}));

const place = fc.oneof(
  fc.constantFrom(...VARIABLES),
  value.map((key) => `m[(char)(${key})]`),
  fc.tuple(value, value).map(([a, b]) => `a[(int)(${a}), (int)(${b})]`),
  value.map((key) => `arr[(${key}) & 3]`),
  fc.constantFrom('n[s]', 'self->k[i, 2]', 'p[i & 3]'),
);
const assignment = fc
  .tuple(place, fc.constantFrom('=', '=', '+=', '-=', '*=', '/=', '|=', '<<='), value)
  .map(([to, op, from]) => `${to} ${op} (${from});`);

const statement = fc.oneof(
  { arbitrary: assignment, weight: 5 },
  place.map((to) => `${to}++;`),
  { arbitrary: value.map((v) => `trace(${v});`), weight: 2 },
  fc.tuple(value, value).map(([a, b]) => `printf("%d %d", ${a}, ${b});`),
  value.map((v) => `trace((char)(${v}));`),
  fc.constantFrom(
    '@n = count();',
    '@sk[s, i] = count();',
    '@pn[probename] = count();',
    'trace(s);',
    'stack();',
  ),
  fc.tuple(value, value, value).map((list) => `@k[${list.join(', ')}] = count();`),
  value.map((k) => `@c[${k}] = count();`),
  fc.tuple(value, value).map(([k, v]) => `@s[(int)(${k})] = sum(${v});`),
  fc.tuple(value, value).map(([k, v]) => `@min[(int)(${k}) & 3] = min(${v});`),
  value.map((v) => `@max = max(${v});`),
  fc.tuple(value, value, value).map(([k, j, v]) => `@avg[(char)(${k}), (short)(${j})] = avg(${v});`),
  value.map((v) => `@dev = stddev(${v});`),
  fc.tuple(value, value).map(([v, by]) => `@q = quantize(${v}, ${by});`),
  fc.tuple(value, value).map(([k, v]) => `@q1[(int)(${k}) & 7] = quantize(${v});`),
  fc.tuple(value, value).map(([v, by]) => `@lq = lquantize(${v}, -5, 60, 7, ${by});`),
  value.map((v) => `@llq = llquantize(${v}, 10, 0, 3, 10);`),
  fc.constantFrom('s = "b";', 's = probename;', 'self->s = s;', 'self->s = NULL;', 's = strjoin(s, "x");'),
  fc.constantFrom('s = substr(s, 0, 3);', 'n[s] = i;', 'self->v = 0;', 'm[3] = 0;', 'i = 0;', 'p = arr;'),
);
const body = fc.array(statement, { maxLength: 6 }).map((list) => list.join(' '));
const branching = fc
  .tuple(value, body, body, body)
  .map(
    ([condition, then, otherwise, after]) => `if (${condition}) { ${then} } else { ${otherwise} } ${after}`,
  );
const special = fc.constantFrom(
  'held = speculation(); commit(held);',
  'speculate(held); trace(i);',
  'discard(held);',
  'exit(3);',
  'clear(@n);',
);
const clause = fc
  .tuple(
    fc.constantFrom('vec:::0x0e', 'vec:::0x0e', 'vec:::0x20', 'vec:::', 'ERROR', 'END', 'BEGIN'),
    fc.option(fc.oneof(value, fc.constantFrom('arg0 > arg1', '1', 'l', ...PREDICATES)), { freq: 2 }),
    fc.oneof(
      { arbitrary: body, weight: 6 },
      { arbitrary: branching, weight: 3 },
      { arbitrary: special, weight: 1 },
    ),
  )
  .map(([probe, predicate, text]) => `${probe} ${predicate === null ? '' : `/${predicate}/ `}{ ${text} }`);

const HEAD = `int i; int64_t l; char c; unsigned short u; this int x; this unsigned char y; self int64_t v;
self char c; int a[int, int]; int64_t m[char]; int arr[4]; int n[string]; self int k[int, int]; string s;
self string s; int held; int *p;
BEGIN { s = "a"; i = 1; p = arr; @n = count(); @c[0] = count(); @sk[s, 0] = count(); }
vec::: { l = arg0; c = arg1; u = arg2; self->v = arg3; i = arg4 & 3; this->x = arg5; m[3] = arg6; a[1, 2] = arg7; }`;

const programs = fc
  .array(clause, { minLength: 1, maxLength: 6 })
  .map((list) => `${HEAD}\n${list.join('\n')}`);

/** Clauses of which most can be run over rows at once: no strings, nothing recorded. */
const plainStatement = fc.oneof(
  { arbitrary: assignment, weight: 3 },
  value.map((k) => `@c[${k}] = count();`),
  fc.tuple(value, value, value).map((list) => `@k[${list.join(', ')}] = count();`),
  fc.tuple(value, value).map(([k, v]) => `@q1[(int)(${k}) & 7] = quantize(${v});`),
  fc.tuple(value, value).map(([k, v]) => `@min[(int)(${k}) & 3] = min(${v});`),
  value.map((v) => `@lq = lquantize(${v}, -5, 60, 7);`),
);
const plainClause = fc
  .tuple(
    fc.constantFrom('vec:::0x0e', 'vec:::0x20', 'vec:::'),
    fc.option(fc.oneof(value, fc.constantFrom('self->v', ...PREDICATES)), { freq: 2 }),
    fc.array(plainStatement, { minLength: 1, maxLength: 3 }),
  )
  .map(
    ([probe, predicate, list]) =>
      `${probe} ${predicate === null ? '' : `/${predicate}/ `}{ ${list.join(' ')} }`,
  );
const plainPrograms = fc
  .tuple(
    fc.array(plainClause, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', 'ERROR { @e = count(); }', 'ERROR { exit(4); }'),
  )
  .map(([list, more]) => `${HEAD}\n${list.join('\n')}\n${more}`);

/** More clauses than a word has bits, of which an event fires some. */
const manyPrograms = fc.tuple(fc.integer({ min: 20, max: 70 }), plainClause).map(([count, one]) => {
  const counting = Array.from({ length: count }, (_, i) =>
    i % 3 === 0 ? `vec:::0x0e /cpl == ${i & 3}/ { trace(${i}); }` : `vec::: { @c[${i}] = count(); }`,
  );
  return `${HEAD}\n${counting.join('\n')}\n${one}`;
});

/** What the generator writes that is no program (a constant divided by 0, keys of other types) is passed over. */
function compiled(text: string): Program | undefined {
  try {
    return compiledD(text);
  } catch {
    return undefined;
  }
}

// Firings.

interface Event {
  readonly probe: number;
  readonly hasRow: boolean;
  readonly cpu: number;
  readonly time: number;
  readonly words: readonly bigint[];
  readonly missing: number;
}
const word = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
);
const events = fc.array(
  fc.record<Event>({
    probe: fc.constantFrom(4, 4, 4, 5),
    hasRow: fc.oneof({ arbitrary: fc.constant(true), weight: 9 }, fc.constant(false)),
    cpu: fc.nat({ max: 2 }),
    time: fc.nat({ max: 1000 }),
    words: fc.array(word, { minLength: 8, maxLength: 8 }),
    missing: fc.constantFrom(0, 0, 0, 5),
  }),
  { minLength: 1, maxLength: 30 },
);

/** Rows of a batch; the probes that they fire. */
const ROWS = 64;
const PROBES: RowProbes = {
  vectors: Int32Array.from({ length: 512 }, (_, i) => (i === 0x0e ? 4 : i % 3 === 0 ? 5 : i === 270 ? 4 : 0)),
  bankFlag: EVENT_FLAGS.SOFT,
  kinds: Int32Array.from({ length: 16 }, (_, kind) =>
    kind === EVENT_KINDS.halt ? 5 : kind === EVENT_KINDS.tb ? 4 : kind === EVENT_KINDS.reset ? -1 : 0,
  ),
};
const WALL_ORIGIN_NS = 1000n;
/** How a batch is replayed: with the session's clock, in safe mode, one CPU alone. */
interface Replay {
  readonly timed: boolean;
  readonly withholds: boolean;
  readonly onlyCpu: number | undefined;
}
const PLAIN: Replay = { timed: false, withholds: false, onlyCpu: undefined };
const KINDS = [EVENT_KINDS.vec, EVENT_KINDS.halt, EVENT_KINDS.tb, EVENT_KINDS.reset, EVENT_KINDS.shutdown];

class Lab {
  readonly memory = new LinearMemory();
  readonly batch = new EventBatch(this.memory, ROWS, [REGISTERS.rip.id, REGISTERS.rax.id]);
  readonly firing = new Firing(this.memory, this.batch);
  readonly engine: Engine;
  readonly seen: string[] = [];
  private readonly program: Program;
  private readonly policy: string;
  private readonly firsts: bigint[] = [];
  private readonly replay: Replay;
  private readonly probes: RowProbes;

  constructor({ program, sizes, mayMissArgs }: Case, tier: TierChoice, replay: Replay) {
    this.program = program;
    this.replay = replay;
    this.probes = { ...PROBES, ...(replay.timed && { time: { wallOriginNs: WALL_ORIGIN_NS } }) };
    this.policy = sizes.bufpolicy ?? 'switch';
    const probes = new ProbeTable();
    for (const name of ['BEGIN', 'END', 'ERROR']) probes.create('dtrace', '', '', name);
    probes.create('vec', 'exception', 'page_fault', '0x0e');
    probes.create('vec', 'interrupt', 'irq', '0x20');
    this.firing.mayMissArgs = mayMissArgs;
    this.engine = createEngine({
      ...{ memory: this.memory, probes, firing: this.firing, sizes, tier },
      identity: { tracerName: 'trapline', tracerPid: 1, sourceName: 'test' },
      ...{ guestMemory: undefined, symbols: undefined, randomSeed: 1, destructive: false },
      cpu: replay.onlyCpu,
    });
    this.engine.setDrainCallback(() => this.drain());
    for (const each of program.clauses) {
      const ids = each.patterns.flatMap((pattern) => probes.match(pattern).map(({ id }) => id));
      this.engine.enable(program, each, ids);
    }
  }

  fire(event: Event): void {
    this.setRow(0, event);
    this.setFiring(event);
    this.firing.row = event.hasRow ? 0 : NO_ROW;
    this.firing.cpu = event.cpu;
    this.engine.fire(event.probe);
  }

  /** The columns and registers of a row. */
  setRow(row: number, { probe, cpu, time, words }: Event): void {
    const { batch, memory } = this;
    const { at } = batch;
    const [first, second, ...more] = words as [bigint, bigint, ...bigint[]];
    memory.u8[at.kind + row] = EVENT_KINDS.vec;
    memory.u8[at.cpl + row] = Number(BigInt.asUintN(2, first));
    memory.u8[at.flags + row] = Number(BigInt.asUintN(5, first)); // EVENT_FLAGS.COLUMNS, too
    memory.u16[(at.cpu >> 1) + row] = cpu;
    memory.u16[(at.vector >> 1) + row] = probe === 4 ? 0x0e : Number(BigInt.asUintN(8, second));
    [at.seq, at.errcode, at.pc, at.sp, at.faddr].forEach((column, i) => {
      memory.i64[(column >> 3) + row] = more[i]!;
    });
    memory.f64[(at.line >> 3) + row] = time % 3 === 0 ? Number.NaN : time;
    memory.f64[(at.time >> 3) + row] = row * 1000 + time;
    this.firsts[row] = first;
    for (const [register, column] of batch.registerColumns)
      memory.i64[(column >> 3) + row] = (first & 16n) === 0n ? -7n : first + BigInt(register);
    batch.registers = {
      read: (of, register, { i64 }, offset) => {
        i64[offset >> 3] = this.firsts[of]! + BigInt(register);
        return register !== 40 || this.firsts[of]! % 2n === 0n;
      },
    };
  }

  setFiring({ time, words, missing }: Event): void {
    const { firing, memory } = this;
    words.forEach((each, i) => {
      firing.setArg(i, each);
    });
    memory.i32[(firing.at + FIRING.missing) >> 2] = firing.mayMissArgs ? missing : 0;
    firing.setTime(time, 1000n);
  }

  /** Fire for all rows, one after another or as far as possible in runs. */
  fireBatch(count: number, inRuns: boolean): void {
    const { engine, firing, batch, replay } = this;
    const { at, memory } = batch;
    const withheld = replay.withholds ? (row: number) => void this.seen.push(`withheld ${row}`) : undefined;
    for (let row = 0; row < count; row++) {
      if (inRuns) {
        row = engine.fireRows(this.probes, row, count, withheld);
        this.drainIfWanted();
        if (row >= count || engine.activity !== 'active') return;
      }
      const kind = memory.u8[at.kind + row]!;
      const flags = memory.u8[at.flags + row]!;
      const bank = (flags & PROBES.bankFlag) !== 0 ? 256 : 0;
      const isVec = kind === EVENT_KINDS.vec;
      const probe = isVec
        ? PROBES.vectors[bank + memory.u16[(at.vector >> 1) + row]!]!
        : Math.max(0, PROBES.kinds[kind]!);
      firing.row = row;
      firing.cpu = memory.u16[(at.cpu >> 1) + row]!;
      const isElsewhere = replay.onlyCpu !== undefined && firing.cpu !== replay.onlyCpu;
      if (probe === 0 || isElsewhere || engine.activity !== 'active') continue;
      if (isVec && withheld && (flags & IF_BITS) === EVENT_FLAGS.IF_KNOWN) {
        withheld(row);
        continue;
      }
      if (replay.timed) firing.setTime(memory.f64[(at.time >> 3) + row]!, WALL_ORIGIN_NS);
      engine.fire(probe);
      this.drainIfWanted();
    }
  }

  drainIfWanted(): void {
    if (this.engine.wantsDrain && this.policy === 'switch') this.drain();
  }

  drain(): void {
    this.engine.drain({
      record: ({ epid, clause: { layout } }, cpu, timeAt, { u8, i64 }, at) => {
        const bytes = Buffer.from(u8.subarray(at, at + layout.payloadBytes)).toString('hex');
        this.seen.push(`record ${epid} ${cpu} ${i64[timeAt >> 3]} ${bytes}`);
      },
      fault: ({ ecb, action, difOffset, code, value: of }) => {
        this.seen.push(`fault ${ecb.epid} #${action} at ${difOffset}: ${code} ${of}`);
      },
      drop: (kind, cpu, count) => void this.seen.push(`drop ${kind} ${cpu} ${count}`),
    });
  }

  /** Words of every entry, by key. */
  aggregations(): string[] {
    const { u8, u32 } = this.memory;
    const hex = (from: number, to: number) => Buffer.from(u8.subarray(from, to)).toString('hex');
    return this.program.aggregations.flatMap((aggregation) =>
      [...this.engine.aggregations.entries(aggregation)].map(({ keyOffset, valueOffset }) => {
        const end = keyOffset - 16 + u32[(keyOffset - 4) >> 2]!; // sizeBytes of the entry
        return `${aggregation.name} ${hex(keyOffset, valueOffset)} ${hex(valueOffset, end)}`;
      }),
    );
  }
}

const IF_BITS = EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;

interface Case {
  readonly program: Program;
  readonly sizes: EngineSizes;
  readonly firings: readonly Event[];
  readonly mayMissArgs: boolean;
}

/** A run tells of withheld rows when it stops. */
function inWithheldOrder(seen: readonly string[]): readonly (readonly string[])[] {
  const isWithheld = (line: string) => line.startsWith('withheld');
  return [seen.filter((line) => !isWithheld(line)), seen.filter(isWithheld)];
}

/** Everything a run leaves. `drive` fires between BEGIN and END. */
function outcome(
  of: Case,
  tier: TierChoice,
  drive: (lab: Lab) => void,
  replay: Replay = PLAIN,
): readonly string[] {
  const lab = new Lab(of, tier, replay);
  const refused = lab.engine.ready();
  if (refused !== undefined) return [refused];
  lab.firing.row = NO_ROW;
  lab.engine.begin();
  drive(lab);
  lab.firing.row = NO_ROW;
  lab.firing.cpu = 0;
  lab.engine.end();
  lab.drain();
  return [...lab.seen, ...lab.aggregations(), `status ${lab.engine.exitStatus}`];
}

function oneByOne({ firings }: Case): (lab: Lab) => void {
  return (lab) => {
    for (const event of firings) {
      lab.fire(event);
      lab.drainIfWanted();
    }
  };
}

function asBatches({ firings }: Case, inRuns: boolean): (lab: Lab) => void {
  return (lab) => {
    if (firings[0]) lab.setFiring(firings[0]);
    firings.forEach((event, row) => {
      lab.setRow(row, event);
      lab.memory.u8[lab.batch.at.kind + row] = KINDS[Math.max(0, (event.time % 20) - 15)]!;
    });
    for (let i = 0; i < 3; i++) lab.fireBatch(firings.length, inRuns);
  };
}

const replays = fc.record<Replay>({
  timed: fc.boolean(),
  withholds: fc.boolean(),
  onlyCpu: fc.constantFrom(undefined, undefined, 0, 1),
});

const sizes = fc.record({
  bufsize: fc.constantFrom(1200, 4096),
  bufpolicy: fc.constantFrom('switch' as const, 'fill' as const, 'ring' as const),
  bufsizeIsExplicit: fc.boolean(),
  aggsize: fc.constantFrom(undefined, undefined, 300, 4096),
  dynvarsize: fc.constantFrom(0, 128, 65536),
});

/** Check a property of cases that compile; enough of them must. */
function forPrograms(
  text: fc.Arbitrary<string>,
  check: (of: Case, text: string, replay: Replay) => void,
): void {
  let ran = 0;
  const numRuns = Number(process.env['TIER_RUNS'] ?? 300);
  fc.assert(
    fc.property(text, events, sizes, fc.boolean(), replays, (source, firings, given, mayMissArgs, replay) => {
      const program = compiled(source);
      if (program === undefined) return;
      ran++;
      check({ program, sizes: { ...SIZES, ...given }, firings, mayMissArgs }, source, replay);
    }),
    { numRuns },
  );
  expect(ran).toBeGreaterThan(numRuns / 2);
}

describe('the fast tier does what the interpreter does', () => {
  test('on random programs and firings', { timeout: 600_000 }, () => {
    forPrograms(programs, (of, text) => {
      const fast = outcome(of, 'fast', oneByOne(of));
      expect(fast, text).toEqual(outcome(of, 'interpreter', oneByOne(of)));
    });
  });

  test('over the rows of a batch at once', { timeout: 600_000 }, () => {
    forPrograms(fc.oneof(programs, plainPrograms, manyPrograms), (of, text, replay) => {
      const inRuns = outcome(of, 'fast', asBatches(of, true), replay);
      const oneByOne = outcome(of, 'interpreter', asBatches(of, false), replay);
      expect(inWithheldOrder(inRuns), text).toEqual(inWithheldOrder(oneByOne));
    });
  });
});
