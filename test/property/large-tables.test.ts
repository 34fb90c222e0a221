/**
 * Tables that are larger than the others are handled otherwise: taken out of the pool in the order of memory, and fetched
 * ahead by runs over rows. What comes out must be what it is without. If this breaks, look in src/engine/keyed-table.ts,
 * chunk-pool.ts and fast/fetch-ahead.ts.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIRST_FREE, LinearMemory } from '../../src/base/linear-memory.ts';
import type { Program } from '../../src/dif/program.ts';
import { ChunkPool } from '../../src/engine/chunk-pool.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Engine, RowProbes, TierChoice } from '../../src/engine/engine-contract.ts';
import { Firing, NO_ROW } from '../../src/engine/firing.ts';
import { KeyedTable } from '../../src/engine/keyed-table.ts';
import { ProbeTable } from '../../src/engine/probes.ts';
import { EVENT_FLAGS, EVENT_KINDS, EventBatch } from '../../src/machine/event-batch.ts';
import { REGISTERS } from '../../src/machine/registers.ts';
import { compiledD } from '../support/compile-d.ts';
import { SIZES } from '../support/program-run.ts';

// Visiting.

/**
 * One step on one of a pool's tables: many new keys, or every so many of those that it has removed. No key is empty: a table
 * that has that one has no other.
 */
const steps = fc.array(
  fc.record({
    table: fc.nat({ max: 1 }),
    words: fc.integer({ min: 1, max: 3 }),
    adds: fc.constantFrom(0, 1, 500, 1500),
    removesEvery: fc.constantFrom(0, 1, 2, 7),
  }),
  { minLength: 1, maxLength: 6 },
);

test('entries of one table are visited in the order of memory, whatever else is in the pool or was', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(8, 24, 3000), (list, valueBytes) => {
      const memory = new LinearMemory();
      const pool = new ChunkPool(memory, undefined);
      const tables = [new KeyedTable(memory, pool), new KeyedTable(memory, pool)] as const;
      const keyAt = memory.reserve(32);
      let next = 0;
      for (const { table: which, words, adds, removesEvery } of list) {
        const table = tables[which]!;
        for (let i = 0; i < adds; i++) {
          memory.i64.fill(BigInt(next++), keyAt / 8, keyAt / 8 + words);
          table.findOrInsert(keyAt, words * 8, valueBytes);
        }
        let seen = 0;
        if (removesEvery > 0) table.retain(() => ++seen % removesEvery !== 0);
      }
      for (const table of tables) {
        const visited: number[] = [];
        table.forEach((entry) => {
          visited.push(entry);
        });
        expect(visited).toEqual([...table.entries()].sort((a, b) => a - b));
        expect(visited).toHaveLength(table.count);
      }
    }),
    { numRuns: 60 },
  );
});

// Runs over rows.

const ROWS = 4096;
const BATCHES = 5;
const PROBES: RowProbes = {
  vectors: Int32Array.from({ length: 512 }, (_, i) => (i === 0x0e ? 4 : i % 3 === 0 ? 5 : 0)),
  bankFlag: EVENT_FLAGS.SOFT,
  kinds: Int32Array.from({ length: 16 }, (_, kind) => (kind === EVENT_KINDS.tb ? 4 : 0)),
};

/** `spread` is how many different values the columns have. */
interface Rows {
  readonly seed: number;
  readonly spread: number;
}

class Lab {
  readonly memory = new LinearMemory();
  readonly batch = new EventBatch(this.memory, ROWS, [REGISTERS.rip.id]);
  readonly firing = new Firing(this.memory, this.batch);
  readonly engine: Engine;
  readonly seen: string[] = [];
  private readonly program: Program;
  private state: number;
  private readonly spread: number;

  constructor(program: Program, tier: TierChoice, { seed, spread }: Rows, aggsize: number | undefined) {
    this.program = program;
    this.state = seed;
    this.spread = spread;
    const probes = new ProbeTable();
    for (const name of ['BEGIN', 'END', 'ERROR']) probes.create('dtrace', '', '', name);
    probes.create('vec', 'exception', 'page_fault', '0x0e');
    probes.create('vec', 'interrupt', 'irq', '0x20');
    this.engine = createEngine({
      ...{ memory: this.memory, probes, firing: this.firing, sizes: { ...SIZES, aggsize }, tier },
      identity: { tracerName: 'trapline', tracerPid: 1, sourceName: 'test' },
      ...{ guestMemory: undefined, symbols: undefined, randomSeed: 1, destructive: false },
    });
    this.engine.setDrainCallback(() => this.drain());
    for (const each of program.clauses) {
      const ids = each.patterns.flatMap((pattern) => probes.match(pattern).map(({ id }) => id));
      this.engine.enable(program, each, ids);
    }
  }

  private random(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 0;
  }

  fill(): void {
    const { at } = this.batch;
    const { u8, u16, i64 } = this.memory;
    const rip = this.batch.registerColumns.get(REGISTERS.rip.id)!;
    for (let row = 0; row < ROWS; row++) {
      const bits = this.random();
      u8[at.kind + row] = (bits & 7) === 0 ? EVENT_KINDS.tb : EVENT_KINDS.vec;
      u8[at.flags + row] = (bits >>> 3) & 31; // EVENT_FLAGS.COLUMNS, too
      u8[at.cpl + row] = (bits >>> 8) & 3;
      u16[(at.cpu >> 1) + row] = (bits >>> 10) & 1;
      u16[(at.vector >> 1) + row] = (bits & 0x3000) === 0 ? (bits >>> 16) & 0xff : 0x0e;
      for (const column of [at.seq, at.errcode, at.pc, at.sp])
        i64[(column >> 3) + row] = BigInt(this.random() % this.spread) - 5n;
      i64[(rip >> 3) + row] = i64[(at.seq >> 3) + row]! * 3n;
    }
    this.batch.registers = {
      // Some rows have no register where their columns have none.
      read: (row, _, memory, offset) => {
        const seq = memory.i64[(at.seq >> 3) + row]!;
        memory.i64[offset >> 3] = seq * 3n;
        return (memory.u8[at.flags + row]! & EVENT_FLAGS.COLUMNS) !== 0 || seq % 5n !== 0n;
      },
    };
  }

  /** Fire for all rows of a batch, in runs or one after another; what a run leaves is fired like that, too. */
  fire(inRuns: boolean): void {
    const { engine } = this;
    for (let row = 0; row < ROWS && engine.activity === 'active'; row++) {
      const from = row;
      if (inRuns) row = engine.fireRows(PROBES, row, ROWS, undefined);
      if (row === from) this.fireRow(row);
      else row--;
      if (engine.wantsDrain) this.drain();
    }
  }

  private fireRow(row: number): void {
    const { engine, firing, memory } = this;
    const { at } = this.batch;
    const bank = (memory.u8[at.flags + row]! & PROBES.bankFlag) !== 0 ? 256 : 0;
    const isVec = memory.u8[at.kind + row] === EVENT_KINDS.vec;
    firing.row = row;
    firing.cpu = memory.u16[(at.cpu >> 1) + row]!;
    engine.fire(isVec ? PROBES.vectors[bank + memory.u16[(at.vector >> 1) + row]!]! : 4);
  }

  drain(): void {
    this.engine.drain({
      record: ({ epid, clause: { layout } }, cpu, _, { u8 }, at) => {
        const bytes = Buffer.from(u8.subarray(at, at + layout.payloadBytes)).toString('hex');
        this.seen.push(`record ${epid} ${cpu} ${bytes}`);
      },
      fault: ({ ecb, action, difOffset, code, value }) => {
        this.seen.push(`fault ${ecb.epid} #${action} at ${difOffset}: ${code} ${value}`);
      },
      drop: (kind, cpu, count) => void this.seen.push(`drop ${kind} ${cpu} ${count}`),
    });
  }

  /** Keys and values of every entry. */
  aggregations(): string[] {
    const { u8, u32 } = this.memory;
    return this.program.aggregations.flatMap((aggregation) =>
      [...this.engine.aggregations.entries(aggregation)].map(({ keyOffset }) => {
        const end = keyOffset - 16 + u32[(keyOffset - 4) >> 2]!; // sizeBytes of the entry
        return `${aggregation.name} ${Buffer.from(u8.subarray(keyOffset, end)).toString('hex')}`;
      }),
    );
  }
}

function outcome(
  program: Program,
  tier: TierChoice,
  rows: Rows,
  aggsize: number | undefined,
): readonly string[] {
  const lab = new Lab(program, tier, rows, aggsize);
  expect(lab.engine.ready()).toBeUndefined();
  lab.firing.row = NO_ROW;
  lab.engine.begin();
  for (let batch = 0; batch < BATCHES && lab.engine.activity === 'active'; batch++) {
    lab.fill();
    lab.fire(tier === 'fast');
  }
  lab.firing.row = NO_ROW;
  lab.firing.cpu = 0;
  lab.engine.end();
  lab.drain();
  // Generated code reads a 0 for what is not there, at the offsets that are never handed out.
  expect(lab.memory.u8.subarray(0, FIRST_FREE).every((byte) => byte === 0)).toBe(true);
  return [...lab.seen, ...lab.aggregations(), `status ${lab.engine.exitStatus}`];
}

const key = fc.constantFrom(
  ...['pc', 'sp', 'rip', 'seq', 'errcode', 'pc >> 2', 'pc + sp', '(int)pc', '(short)sp', '(unsigned char)pc'],
  ...[
    'vector',
    'cpl',
    'cpu',
    'pc * 0x100000001',
    'pc > 7 ? sp : seq',
    'pc ^ vector',
    '-pc',
    'self->n',
    'this->x',
  ],
);
const keys = fc.array(key, { minLength: 1, maxLength: 3 });
/** An aggregation's name goes with the number of its keys and their types, which must not change: so keys are long. */
const update = fc.oneof(
  keys.map((list) => `@c${list.length}[${list.map((each) => `(int64_t)(${each})`)}] = count();`),
  fc
    .tuple(keys, key)
    .map(([list, v]) => `@s${list.length}[${list.map((k) => `(int64_t)(${k})`)}] = sum(${v});`),
  key.map((k) => `@i[(int)(${k})] = max(seq);`),
  key.map((k) => `@u[(unsigned short)(${k}), (char)(${k})] = min(sp);`),
  key.map((k) => `@q[(int64_t)(${k})] = quantize(sp);`),
);
const predicate = fc.constantFrom(
  '',
  '',
  '/cpl == 3/',
  '/pc & 1/',
  '/self->n > 3/',
  '/arg0 == 0/',
  '/rip != 2/',
);
const clause = fc
  .tuple(
    fc.constantFrom('vec:::0x0e', 'vec:::0x20', 'vec:::'),
    predicate,
    fc.array(
      fc.oneof({ arbitrary: update, weight: 4 }, fc.constantFrom('self->n++;', 'this->x = pc & 0xfff;')),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  )
  .map(([probe, condition, list]) => `${probe} ${condition} { ${list.join(' ')} }`);
const last = fc.constantFrom(
  ...['', '', 'vec::: /seq == 77/ { exit(3); }', 'vec:::0x20 { trace(pc); }'],
  ...[
    'vec:::0x20 /pc == 9/ { clear(@c1); }',
    'vec:::0x20 /pc == 9/ { trunc(@c1); }',
    'vec:::0x20 { stack(); }',
    `vec:::0x20 /!self->s/ { self->s = speculation(); } vec:::0x20 /self->s/ { speculate(self->s); trace(pc); }
     vec:::0x20 /self->s && pc & 1/ { commit(self->s); self->s = 0; }
     vec:::0x20 /self->s && sp & 1/ { discard(self->s); self->s = 0; }`,
  ],
);
const HEAD = 'self int64_t n; self int s; this int64_t x; BEGIN { @c1[0LL] = count(); }';

test('a thread-local that a run over rows has just removed is 0', () => {
  const program = compiledD('self int64_t n; vec::: { self->n = seq & 1; @i[(int)self->n] = count(); }');
  const rows: Rows = { seed: 1, spread: 100 };
  expect(outcome(program, 'fast', rows, undefined)).toEqual(outcome(program, 'interpreter', rows, undefined));
});

describe('runs over rows with large tables do what the interpreter does', () => {
  test('on random clauses', { timeout: 600_000 }, () => {
    const programs = fc.tuple(fc.array(clause, { minLength: 1, maxLength: 3 }), last);
    const rows = fc.record<Rows>({
      seed: fc.integer({ min: 1, max: 1 << 30 }),
      spread: fc.constantFrom(100, 1 << 20, 1 << 30),
    });
    const aggsize = fc.constantFrom(undefined, undefined, undefined, 500_000);
    fc.assert(
      fc.property(programs, rows, aggsize, ([list, more], given, limit) => {
        const text = `${HEAD}\n${list.join('\n')}\n${more}`;
        const program = compiledD(text);
        const fast = outcome(program, 'fast', given, limit);
        const slow = outcome(program, 'interpreter', given, limit);
        const at = fast.findIndex((line, i) => line !== slow[i]);
        expect([at, fast[at]?.slice(0, 300), fast.length], text).toEqual([-1, undefined, slow.length]);
      }),
      { numRuns: Number(process.env['TIER_RUNS'] ?? 20) },
    );
  });
});
