/**
 * A thread that traces pieces of a log: source, providers and engine of its own, made of what the main thread compiled.
 *
 * A piece in which anything is recorded is of no use, since it is faults and drops that are: then the main thread reads
 * the piece itself. Clauses of BEGIN, END and ERROR run there alone; here they are empty, and keep their numbers.
 */
import { LinearMemory } from '../../base/linear-memory.ts';
import { valueWords } from '../../dif/buckets.ts';
import type { Clause } from '../../dif/program.ts';
import { createEngine } from '../../engine/engine.ts';
import type { Engine } from '../../engine/engine-contract.ts';
import { Firing } from '../../engine/firing.ts';
import { takeImage } from '../../engine/merge.ts';
import { ProbeTable } from '../../engine/probes.ts';
import { ARCHITECTURE_IDS } from '../../machine/causes.ts';
import { Dispatcher } from '../../providers/dispatch.ts';
import { TimerQueue } from '../../providers/profile.ts';
import { SafeMode } from '../../providers/safe-mode.ts';
import { VecProvider } from '../../providers/vec.ts';
import { PieceScan } from '../../sources/chunked/piece-scan.ts';
import type { PieceJob, TracedPiece } from '../../sources/chunked/pieces.ts';
import { aggregationsOf } from './aggregations.ts';
import type { Made, ThreadPort, ThreadSetup } from './thread.ts';

/** With more keys than this a piece costs about as much to add as to trace; so few are added in no time. */
const BYTES_PER_ENTRY = 1024;
const FEW_ENTRIES = 10_000;
/** BEGIN, END and ERROR. */
const LAST_OF_DTRACE = 3;

export function serveChunks(port: ThreadPort, setup: ThreadSetup): void {
  const tracer = new ChunkTracer(setup);
  let isCrowded = false;
  port.listen(({ job }) => {
    const mine = !isCrowded && Atomics.compareExchange(setup.claims, job.piece, 0, 1) === 0;
    const traced = mine ? tracer.trace(job) : undefined;
    if (traced && isTooMuch(job, traced.made)) isCrowded = true;
    port.post({ kind: 'done', piece: job.piece, mine, traced, isCrowded });
  });
  port.post({ kind: 'ready' });
}

const isTooMuch = ({ begin, end }: PieceJob, { entries }: Made): boolean =>
  entries > Math.max(FEW_ENTRIES, (end - begin) / BYTES_PER_ENTRY);

class ChunkTracer {
  private readonly setup: ThreadSetup;
  private readonly scan: PieceScan;
  private readonly engine: Engine;
  private readonly safe: SafeMode;
  private readonly dispatcher: Dispatcher;
  private wasRecorded = false;
  private withheldBefore = new Map<string, number>();

  constructor(setup: ThreadSetup) {
    this.setup = setup;
    const { name, fd, needs, windowBytes } = setup;
    const memory = new LinearMemory();
    this.scan = new PieceScan(name, fd, {
      ...{ paths: [name], needs, memory, stdin: -1, scan: setup.scan },
      ...(windowBytes === undefined ? {} : { windowBytes }),
    });
    const { batch } = this.scan;
    batch.architecture = ARCHITECTURE_IDS[setup.architecture];
    const firing = new Firing(memory, batch);
    const probes = probesOf(setup);
    this.engine = createEngine({
      ...setup.engine,
      ...{ memory, probes, firing, guestMemory: undefined, symbols: undefined, isLong: true },
    });
    this.safe = new SafeMode(setup.unsafe);
    this.enable();
    this.dispatcher = new Dispatcher({
      engine: this.engine,
      firing,
      batch,
      vec: vecOf(setup),
      kindProbes: setup.kindIds,
      safe: this.safe,
      clock: undefined,
      timers: new TimerQueue([], 0),
      wallOriginNs: 0n,
      needsArgs: needs.args,
      onlyCpu: setup.engine.cpu,
      drain: () => this.drain(),
    });
  }

  private enable(): void {
    const { programs, enablings } = this.setup;
    for (const enabling of enablings) {
      const program = programs[enabling.program]!;
      const clause = program.clauses[enabling.clause]!;
      const isOurs = enabling.probes.some((id) => id > LAST_OF_DTRACE);
      this.engine.enable(program, isOurs ? clause : emptied(clause), enabling.probes);
    }
    this.engine.ready();
    this.engine.begin();
    this.take(); // a clause may be on BEGIN and on events
  }

  trace(job: PieceJob): TracedPiece<Made> | undefined {
    const { engine } = this;
    this.wasRecorded = false;
    const scanned = this.scan.scan(job, () => {
      this.dispatcher.run();
      if (engine.wantsDrain) this.drain();
      return !this.wasRecorded;
    });
    const made = this.take();
    return scanned === undefined || this.wasRecorded ? undefined : { ...scanned, made };
  }

  /** What has been made since, out of the engine. */
  private take(): Made {
    this.drain();
    const aggregations = aggregationsOf(this.setup.programs);
    const image = takeImage(this.engine.aggregations, aggregations, ({ func, params }) =>
      valueWords(func, params),
    );
    return { images: image.words, entries: image.entries, withheld: this.takeWithheld() };
  }

  private drain(): void {
    const note = (): void => {
      this.wasRecorded = true;
    };
    this.engine.drain({ record: note, fault: note, drop: note });
  }

  private takeWithheld(): number[] {
    const counts = new Map<string, number>();
    const withheld: number[] = [];
    for (const { probeId, byCpu } of this.safe.byProbe()) {
      for (const [cpu, count] of byCpu) {
        const key = `${probeId} ${cpu}`;
        counts.set(key, count);
        const more = count - (this.withheldBefore.get(key) ?? 0);
        if (more > 0) withheld.push(probeId, cpu, more);
      }
    }
    this.withheldBefore = counts;
    return withheld;
  }
}

function probesOf({ probes }: ThreadSetup): ProbeTable {
  const table = new ProbeTable();
  for (const names of probes) table.create(...names);
  return table;
}

function vecOf({ architecture, vecIds }: ThreadSetup): VecProvider {
  const vec = new VecProvider(new ProbeTable(), [architecture]);
  vec.probeIds.set(vecIds);
  return vec;
}

function emptied(clause: Clause): Clause {
  return { ...clause, predicate: undefined, actions: [], records: false };
}
