/**
 * What one firing of a clause costs on each tier: `node scripts/clause-cost.mjs [part of a clause's name]`.
 *
 * A batch of made-up events is fired at the engine again and again, without source, providers and consumer. Rounds of the
 * tiers are interleaved, and the quickest round counts, since others may have the machine: rounds are short and many, so that
 * some fall between others' turns. Clauses that come later in the table cost the interpreter up to a quarter more than alone,
 * as they do in a program of many clauses: its code is then compiled for all that they do.
 */
import { LinearMemory } from '../src/base/linear-memory.ts';
import type { Program } from '../src/dif/program.ts';
import { createEngine } from '../src/engine/engine.ts';
import type { Engine, TierChoice } from '../src/engine/engine-contract.ts';
import { Firing } from '../src/engine/firing.ts';
import { ProbeTable } from '../src/engine/probes.ts';
import { EVENT_FLAGS, EVENT_KINDS, EventBatch } from '../src/machine/event-batch.ts';
import { REGISTERS } from '../src/machine/registers.ts';
import { compiledD } from '../test/support/compile-d.ts';

/** The clause of the reference's measurements; one event in eight does not pass its predicate. */
const REFERENCE = `probe /cpl == 3 && (errcode & 2)/ {
  this->t = sp - pc; this->x = (this->t * 31 + seq) >> 3; this->y = this->x ^ arg2; self->n += this->y & 0xff;
  @a[vector, pc >> 12, cpl] = count(); @q = quantize(this->y & 0xffff); }`;

const CLAUSES: Readonly<Record<string, string>> = {
  'predicate, arithmetic, self->, 3-key count, quantize': REFERENCE,
  '@[rip] = count()': 'probe { @[rip] = count(); }',
  '@[pc] = count()': 'probe { @[pc] = count(); }',
  'predicate only, false': 'probe /vector == 300/ { @ = count(); }',
  'predicate, 3-key count, quantize':
    'probe /cpl == 3/ { @a[vector, pc, cpl] = count(); @q = quantize(sp); }',
  sums: 'probe { @s[vector] = sum(sp); @t = sum(pc & 0xff); @m = max(sp); }',
  'self-> assignments': 'probe { self->last = seq; self->count += 1; }',
  'global array': 'probe { seen[vector, cpl] += 1; }',
  'gap between events':
    'int64_t seen[int]; probe /seen[vector]/ { @g[vector] = quantize(seq - seen[vector]); } probe { seen[vector] = seq; }',
  'time between two events':
    'probe /self->t/ { @ = quantize(seq - self->t); self->t = 0; } probe /vector == 14/ { self->t = seq + 1; }',
  lquantize: 'probe { @ = lquantize(vector, 0, 256, 8); }',
  'trace of three integers': 'probe { printf("%d %x %d", vector, pc, cpl); }',
  'string key': 'probe { @[probename] = count(); }',
};
const ROWS = 4096;
const ROUNDS = 40;
/** Some milliseconds to some tens. */
const FIRINGS = { one: 1 << 17, rows: 1 << 20 };
const PROBE = 4;

function makeEngine(
  program: Program,
  tier: TierChoice,
): { engine: Engine; firing: Firing; memory: LinearMemory } {
  const memory = new LinearMemory();
  const probes = new ProbeTable();
  for (const name of ['BEGIN', 'END', 'ERROR']) probes.create('dtrace', '', '', name);
  probes.create('vec', 'exception', 'page_fault', '0x0e');
  const batch = new EventBatch(memory);
  fill(batch);
  const firing = new Firing(memory, batch);
  const engine = createEngine({
    ...{ memory, probes, firing, tier, guestMemory: undefined, symbols: undefined },
    identity: { tracerName: 'bench', tracerPid: 1, sourceName: 'bench' },
    ...{ randomSeed: 1, destructive: false },
    sizes: {
      ...{
        strsize: 256,
        bufsize: 1 << 22,
        bufsizeIsExplicit: false,
        aggsize: undefined,
        dynvarsize: 1 << 20,
      },
      ...{ scratchsize: 256, nspec: 1, specsize: 4096 },
    },
  });
  for (const clause of program.clauses) engine.enable(program, clause, [PROBE]);
  const refused = engine.ready();
  if (refused !== undefined) throw new Error(refused);
  engine.begin();
  return { engine, firing, memory };
}

/** 250 pages of code, 8 vectors: 2000 keys of both. One event in eight in the kernel. */
function fill({ at, memory, capacity }: EventBatch): void {
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 8;
  };
  const { u8, u16, i64 } = memory;
  for (let row = 0; row < capacity; row++) {
    u8[at.kind + row] = EVENT_KINDS.vec;
    u8[at.cpl + row] = row % 8 === 0 ? 0 : 3;
    u8[at.flags + row] = EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;
    u16[(at.cpu >> 1) + row] = row & 3;
    u16[(at.vector >> 1) + row] = 14 + (random() & 7);
    i64[(at.seq >> 3) + row] = BigInt(row);
    i64[(at.errcode >> 3) + row] = 6n;
    i64[(at.pc >> 3) + row] = 0x7f0000000000n + BigInt(random() % 250) * 4096n;
    i64[(at.sp >> 3) + row] = 0x7ffc00000000n + BigInt(random());
    i64[(at.faddr >> 3) + row] = BigInt(random());
  }
}

function nsPerFiring({ engine, firing }: ReturnType<typeof makeEngine>, batches: boolean): number {
  const { u16 } = firing.batch.memory;
  const cpus = firing.batch.at.cpu >> 1;
  const probes = {
    vectors: new Int32Array(512).fill(PROBE),
    bankFlag: 0,
    kinds: new Int32Array(16).fill(-1),
  };
  const sink = { record: () => {}, fault: () => {}, drop: () => {} };
  const started = cpuMicroseconds();
  const firings = batches ? FIRINGS.rows : FIRINGS.one;
  for (let i = 0; i < firings; i++) {
    const row = i & (ROWS - 1);
    if (batches) {
      const done = engine.fireRows(probes, row, ROWS, undefined);
      if (done > row) {
        i += done - row - 1;
        continue;
      }
    }
    firing.row = row;
    firing.cpu = u16[cpus + row]!;
    engine.fire(PROBE);
    if (engine.wantsDrain) engine.drain(sink);
  }
  return ((cpuMicroseconds() - started) * 1e3) / firings;
}

/** Of the process. The sum is exact, while how it is shared out between user and system goes by the clock's ticks. */
function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** A reader that gives rip from the pc column, as a log's header does. */
function giveRegisters(batch: EventBatch): void {
  batch.registers = {
    read: (row, register, { i32 }, offset) => {
      if (register !== REGISTERS.rip.id) return false;
      const from = (batch.at.pc >> 2) + row * 2;
      i32[offset >> 2] = i32[from]!;
      i32[(offset >> 2) + 1] = i32[from + 1]!;
      return true;
    },
  };
}

/** `rows`: the fast tier over the rows of a batch at once. */
const COLUMNS = ['interpreter', 'fast', 'rows'] as const;
console.log(`${'ns per firing'.padEnd(56)}${COLUMNS.map((name) => name.padStart(13)).join('')}`);
const only = process.argv[2] ?? '';
for (const [name, text] of Object.entries(CLAUSES).filter(([name]) => name.includes(only))) {
  const program = compiledD(text.replaceAll('probe', 'vec:::').replaceAll('vec:::name', 'probename'));
  const labs = COLUMNS.map((name) => makeEngine(program, name === 'rows' ? 'fast' : name));
  for (const { firing } of labs) giveRegisters(firing.batch);
  const times = labs.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, lab] of labs.entries()) times[i]!.push(nsPerFiring(lab, COLUMNS[i] === 'rows'));
  const row = times
    .map((list) =>
      Math.min(...list)
        .toFixed(1)
        .padStart(13),
    )
    .join('');
  console.log(`${name.padEnd(56)}${row}`);
}
