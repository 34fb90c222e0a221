/** Run a compiled program's clauses, all of them on BEGIN or END by their description, in the real engine. */
import { LinearMemory } from '../../src/base/linear-memory.ts';
import type { DropKind } from '../../src/dif/drops.ts';
import { FAULTS, type FaultName } from '../../src/dif/faults.ts';
import type { Program } from '../../src/dif/program.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { EngineSizes } from '../../src/engine/engine-contract.ts';
import { Firing } from '../../src/engine/firing.ts';
import { ProbeTable } from '../../src/engine/probes.ts';
import { EventBatch } from '../../src/machine/event-batch.ts';
import { TIER } from './engine-lab.ts';

export const SIZES: EngineSizes = {
  strsize: 256,
  bufsize: 4096,
  bufsizeIsExplicit: false,
  aggsize: undefined,
  dynvarsize: 1 << 16,
  scratchsize: 4096,
  nspec: 2,
  specsize: 1024,
};

export interface RunOutcome {
  /** Why the program may not run. */
  readonly refused: string | undefined;
  /** First 64 bits of each record, by clause index; the last record of a clause counts. */
  readonly values: ReadonlyMap<number, bigint>;
  readonly faults: readonly { readonly clause: number; readonly name: FaultName | undefined }[];
  readonly drops: ReadonlyMap<DropKind, number>;
}

/** BEGIN, `firings` more firings of the same probe, END. */
export function runProgram(program: Program, sizes: EngineSizes, firings = 0): RunOutcome {
  const memory = new LinearMemory();
  const probes = new ProbeTable();
  for (const name of ['BEGIN', 'END', 'ERROR']) probes.create('dtrace', '', '', name);
  const firing = new Firing(memory, new EventBatch(memory, 1));
  const identity = { tracerName: 'trapline', tracerPid: 1, sourceName: 'test' };
  const engine = createEngine({
    ...{ memory, probes, firing, sizes, identity, guestMemory: undefined, symbols: undefined },
    ...{ randomSeed: 1, destructive: false, tier: TIER },
  });
  for (const clause of program.clauses) {
    const ids = clause.patterns.flatMap((pattern) => probes.match(pattern).map(({ id }) => id));
    engine.enable(program, clause, ids);
  }
  const values = new Map<number, bigint>();
  const faults: { clause: number; name: FaultName | undefined }[] = [];
  const drops = new Map<DropKind, number>();
  const refused = engine.ready();
  if (refused !== undefined) return { refused, values, faults, drops };
  const drain = () =>
    engine.drain({
      record: ({ clause }, _cpu, _time, { i64 }, at) => void values.set(clause.index, i64[at >> 3]!),
      fault: ({ ecb, code }) => {
        const name = (Object.keys(FAULTS) as FaultName[]).find((each) => FAULTS[each].code === code);
        faults.push({ clause: ecb.clause.index, name });
      },
      drop: (kind, _cpu, count) => void drops.set(kind, (drops.get(kind) ?? 0) + count),
    });
  engine.begin();
  for (let i = 0; i < firings; i++) {
    engine.fire(1);
    if (engine.wantsDrain && (sizes.bufpolicy ?? 'switch') === 'switch') drain();
  }
  engine.end();
  drain();
  return { refused, values, faults, drops };
}
