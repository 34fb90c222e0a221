/** Run one DIFO in the real engine, as the only trace of a BEGIN clause: its 64-bit value, or its fault. */
import { LinearMemory } from '../../src/base/linear-memory.ts';
import { FAULTS, type FaultName } from '../../src/dif/faults.ts';
import type { Clause, Difo, Program, UserVariable } from '../../src/dif/program.ts';
import { plainShape } from '../../src/dif/shape-text.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { Firing } from '../../src/engine/firing.ts';
import { ProbeTable } from '../../src/engine/probes.ts';
import { EventBatch } from '../../src/machine/event-batch.ts';
import { TIER } from './engine-lab.ts';

const WORD = plainShape('int', 8, true);

export function runInEngine(difo: Difo, variables: readonly UserVariable[]): bigint | FaultName {
  const memory = new LinearMemory();
  const probes = new ProbeTable();
  for (const name of ['BEGIN', 'END', 'ERROR']) probes.create('dtrace', '', '', name);
  const engine = createEngine({
    memory,
    probes,
    firing: new Firing(memory, new EventBatch(memory, 1)),
    sizes: SIZES,
    identity: { tracerName: 'trapline', tracerPid: 1, sourceName: 'test' },
    guestMemory: undefined,
    symbols: undefined,
    randomSeed: 1,
    destructive: false,
    tier: TIER,
  });
  const program = programOf(difo, variables);
  engine.enable(program, program.clauses[0]!, [1]);
  const refused = engine.ready();
  if (refused !== undefined) throw new Error(refused);
  engine.begin();
  let outcome: bigint | FaultName | undefined;
  engine.drain({
    record: (_ecb, _cpu, _time, { i64 }, at) => {
      outcome = i64[at >> 3];
    },
    fault: ({ code }) => {
      outcome = (Object.keys(FAULTS) as FaultName[]).find((name) => FAULTS[name].code === code);
    },
    drop: () => {},
  });
  if (outcome === undefined) throw new Error('neither a record nor a fault');
  return outcome;
}

function programOf(difo: Difo, variables: readonly UserVariable[]): Program {
  const clause: Clause = {
    index: 0,
    patterns: [],
    predicate: undefined,
    actions: [{ kind: 'trace', number: 1, value: { difo, field: { offset: 0, shape: WORD, sizeBytes: 8 } } }],
    layout: { payloadBytes: 8, taken: undefined },
    records: true,
    line: 1,
  };
  return {
    name: 'test',
    clauses: [clause],
    variables,
    aggregations: [],
    needs: {
      cpl: false,
      errcode: false,
      pc: false,
      sp: false,
      faddr: false,
      time: false,
      line: false,
      registers: false,
      args: false,
      registerColumns: [],
    },
    destructive: [],
    strsize: 64,
  };
}

const SIZES = {
  strsize: 64,
  bufsize: 4096,
  bufsizeIsExplicit: false,
  aggsize: undefined,
  dynvarsize: 1 << 16,
  scratchsize: 256,
  nspec: 1,
  specsize: 1024,
};
