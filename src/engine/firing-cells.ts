/**
 * The cells of built-ins that change per firing (CELLS in machine-state.ts): which probe it is, on which CPU, whose
 * process. In: the probes that are enabled, the tracer's identity. High words of small cells stay 0.
 */
import type { ProbeName } from '../dif/consumer-contract.ts';
import { ENGINE_BASE_HIGH } from '../machine/address.ts';
import type { EngineIdentity } from './engine-contract.ts';
import { CELLS, type MachineState, PROBE_CELLS } from './machine-state.ts';
import { threadKey } from './variables.ts';

/** The four strings of a probe, as addresses. */
interface ProbeText {
  readonly provider: number;
  readonly module: number;
  readonly function: number;
  readonly name: number;
}

export class FiringCells {
  private readonly m: MachineState;
  private readonly identity: EngineIdentity;
  private readonly textOfProbe: (ProbeText | undefined)[] = [];
  /** Probes have most of their names in common. */
  private readonly placed = new Map<string, number>();
  private readonly encoder = new TextEncoder();
  private tracerText = 0;
  /** The probe that the cells tell of. */
  private told = 0;
  /** Offset of the name of what is traced, for execname. */
  sourceText = 0;

  constructor(m: MachineState, identity: EngineIdentity) {
    this.m = m;
    this.identity = identity;
  }

  placeIdentity(): void {
    this.tracerText = this.placeText(this.identity.tracerName);
    this.sourceText = this.placeText(this.identity.sourceName);
    this.set(CELLS.zonename, this.placeText('global'));
    const { probeprov, probemod, probefunc, probename, execname, zonename } = CELLS;
    for (const cell of [probeprov, probemod, probefunc, probename, execname, zonename]) {
      this.set(cell + 4, ENGINE_BASE_HIGH);
    }
  }

  addProbe({ id, provider, module, function: func, name }: ProbeName): void {
    while (this.textOfProbe.length <= id) this.textOfProbe.push(undefined);
    this.textOfProbe[id] ??= {
      provider: this.placeText(provider),
      module: this.placeText(module),
      function: this.placeText(func),
      name: this.placeText(name),
    };
  }

  /** Tell of a probe what its cells would say: PROBE_CELLS at that offset. */
  tellProbe(probeId: number, at: number): void {
    const { u32 } = this.m.memory;
    const text = this.textOfProbe[probeId]!;
    u32[(at + PROBE_CELLS.id) >>> 2] = probeId;
    u32[(at + PROBE_CELLS.probeprov) >>> 2] = text.provider;
    u32[(at + PROBE_CELLS.probemod) >>> 2] = text.module;
    u32[(at + PROBE_CELLS.probefunc) >>> 2] = text.function;
    u32[(at + PROBE_CELLS.probename) >>> 2] = text.name;
  }

  /** `own`: the probe is one of BEGIN, END and ERROR, in which the process is ours. */
  start(probeId: number, own: boolean): void {
    const { m } = this;
    const { cpu } = m.firing;
    const { i32 } = m.memory;
    const cells = m.cellsAt >>> 2;
    i32[cells + (CELLS.cpu >>> 2)] = cpu;
    i32[cells + (CELLS.tid >>> 2)] = threadKey(cpu);
    m.guestProcess.startFiring(own);
    if (probeId === this.told) return;
    this.told = probeId;
    this.tell(probeId, own);
  }

  /** What is the same whenever the probe fires. */
  private tell(probeId: number, own: boolean): void {
    const { identity } = this;
    const text = this.textOfProbe[probeId]!;
    this.set(CELLS.id, probeId);
    this.set(CELLS.pid, own ? identity.tracerPid : 0);
    if (identity.tracerIds !== undefined) this.setIds(identity.tracerIds, own);
    this.set(CELLS.execname, own ? this.tracerText : this.sourceText);
    this.set(CELLS.probeprov, text.provider);
    this.set(CELLS.probemod, text.module);
    this.set(CELLS.probefunc, text.function);
    this.set(CELLS.probename, text.name);
  }

  private setIds({ ppid, uid, gid }: NonNullable<EngineIdentity['tracerIds']>, own: boolean): void {
    this.set(CELLS.ppid, own ? ppid : 0);
    this.set(CELLS.uid, own ? uid : 0);
    this.set(CELLS.gid, own ? gid : 0);
  }

  private set(cell: number, low: number): void {
    this.m.memory.i32[(this.m.cellsAt + cell) >>> 2] = low;
  }

  /** Offset of a string that programs may read. */
  private placeText(text: string): number {
    const known = this.placed.get(text);
    if (known !== undefined) return known;
    const bytes = this.encoder.encode(text);
    const at = this.m.memory.reserve(bytes.length + 1);
    this.m.memory.u8.set(bytes, at);
    this.m.visible.add(at, at + bytes.length + 1);
    this.placed.set(text, at);
    return at;
  }
}
