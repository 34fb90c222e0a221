/**
 * Walks a batch of events and fires: time first (timers that are due), then the event's own probe, unless safe mode
 * withholds it. This is the hot loop of a replay; per event it does only what the enabled probes need.
 */
import type { Engine, RowProbes, RowWithheld } from '../engine/engine-contract.ts';
import { type Firing, NO_ROW } from '../engine/firing.ts';
import { USER_LEVELS } from '../machine/causes.ts';
import {
  EVENT_FLAGS,
  EVENT_KINDS,
  type EventBatch,
  FIRST_POINT_CLASS,
  KIND_COUNT,
} from '../machine/event-batch.ts';
import type { Clock } from './clock.ts';
import type { EnabledSites } from './enabled-sites.ts';
import { MACHINE_EVENT_ARGUMENTS, ODD_MACHINE_EVENTS, setMachineEventArgs } from './machine-events.ts';
import type { EnabledPoints } from './points.ts';
import { SWITCH_BUFFERS, type TimerQueue } from './profile.ts';
import type { SafeMode } from './safe-mode.ts';
import { NO_SITE } from './sites.ts';
import { VEC_ARGUMENTS, type VecProvider, vecBanks, vecProbeIndex } from './vec.ts';

export interface DispatchParts {
  readonly engine: Engine;
  readonly firing: Firing;
  readonly batch: EventBatch;
  readonly vec: VecProvider;
  /** Probe ids of returns, as of deliveries; absent where the source sees none. */
  readonly vecReturnIds?: Int32Array | undefined;
  /** Probe id by event kind, for kinds other than vec. */
  readonly kindProbes: Int32Array;
  /** Absent when no code probe is enabled. */
  readonly sites?: EnabledSites | undefined;
  /** Absent when the source shows no trace points. */
  readonly points?: EnabledPoints | undefined;
  readonly safe: SafeMode;
  /** Absent when no enabled clause asks for time: then events have none and the clock is not run. */
  readonly clock: Clock | undefined;
  readonly timers: TimerQueue;
  readonly wallOriginNs: bigint;
  /** Whether any clause reads arguments. */
  readonly needsArgs: boolean;
  /** The CPU that alone is traced: it has the ticks, and other CPUs' events are passed over. */
  readonly onlyCpu?: number | undefined;
  /** The user pc of ticks when no machine is traced: then they interrupt this very program. */
  readonly ownPc?: bigint | undefined;
  /** Consume what was recorded; called whenever the engine wants it. */
  readonly drain: () => void;
}

export class Dispatcher {
  private readonly parts: DispatchParts;
  /** Where each CPU last was, for the arguments of tick and profile. */
  private readonly lastRow: { pc: bigint; cpl: number }[] = [];
  /** Rows of the batch that are before it are in lastRow. */
  private rememberedTo = 0;
  private readonly enabledVec: Int32Array;
  private readonly enabledReturns: Int32Array | undefined;
  private readonly enabledKinds: Int32Array;
  private readonly rows: RowProbes | undefined;

  constructor(parts: DispatchParts) {
    this.parts = parts;
    const onlyEnabled = (id: number): number => (id !== 0 && parts.engine.isEnabled(id) ? id : 0);
    this.enabledVec = parts.vec.probeIds.map(onlyEnabled);
    this.enabledReturns = parts.vecReturnIds?.map(onlyEnabled);
    this.enabledKinds = parts.kindProbes.map(onlyEnabled);
    this.rows = this.rowProbes();
  }

  /** What the engine needs to run over rows by itself; undefined where any event may be at a code probe. */
  private rowProbes(): RowProbes | undefined {
    const { batch, clock, sites, points, needsArgs, wallOriginNs, firing } = this.parts;
    if (sites) return undefined;
    const seesReturns = this.enabledReturns?.some((id) => id !== 0) ?? false;
    const isElsewhere = (id: number, kind: number) =>
      (kind === EVENT_KINDS.vec_return && seesReturns) ||
      (kind === EVENT_KINDS.point && points !== undefined) ||
      (id !== 0 && needsArgs && ODD_KINDS.has(kind));
    const kinds = new Int32Array(KIND_COUNT);
    kinds.set(this.enabledKinds.map((id, kind) => (isElsewhere(id, kind) ? -1 : id)));
    if (points && !needsArgs) kinds.set(points.giveKinds(firing), FIRST_POINT_CLASS);
    return {
      ...vecBanks(this.enabledVec, batch.architecture),
      kinds,
      ...(needsArgs && { args: { delivery: VEC_ARGUMENTS, other: MACHINE_EVENT_ARGUMENTS } }),
      ...(clock && { time: { wallOriginNs } }),
    };
  }

  /** Fire for rows 0 .. batch.count-1; stops early when the engine stops being active. */
  run(): void {
    const { batch, clock } = this.parts;
    this.rememberedTo = 0;
    clock?.run();
    const last = this.runRows();
    clock?.goTo(Math.min(last, batch.count - 1));
    this.remember(batch.count);
  }

  /** The rows one after another, those that the engine can run over by itself at once. Returns the last one fired. */
  private runRows(): number {
    const { batch, safe, clock, timers, sites, engine } = this.parts;
    const { at, architecture } = batch;
    const { onlyCpu } = this.parts;
    for (let row = 0; row < batch.count; row++) {
      if (this.rows !== undefined) {
        row = this.runAhead(this.rows, row);
        if (engine.activity !== 'active') return row - 1;
        if (row >= batch.count) return row;
      }
      if (clock) {
        const time = clock.goTo(row);
        if (time >= timers.nextDueNs) {
          this.remember(row);
          this.fireTimers(time);
        }
      }
      const { u8, u16 } = batch.memory; // firing, of timers too, may grow the memory, which replaces its views
      const flags = u8[at.flags + row]!;
      const kind = u8[at.kind + row]!;
      const cpu = u16[(at.cpu >> 1) + row]!;
      const isVec = kind === EVENT_KINDS.vec || kind === EVENT_KINDS.vec_return;
      const probeId = isVec
        ? this.vectorProbe(kind, vecProbeIndex(u16[(at.vector >> 1) + row]!, flags, architecture))
        : (this.enabledKinds[kind] ?? 0);
      if (kind === EVENT_KINDS.point || kind >= FIRST_POINT_CLASS) {
        if ((onlyCpu === undefined || cpu === onlyCpu) && !this.firePoints(row, cpu, flags)) return row;
        continue;
      }
      if ((probeId === 0 && !sites) || (onlyCpu !== undefined && cpu !== onlyCpu)) continue;
      if (probeId !== 0) {
        if (isVec && !safe.unsafe && (flags & IF_BITS) === EVENT_FLAGS.IF_KNOWN) {
          safe.withhold(probeId, cpu);
        } else if (!this.fireEvent(row, cpu, probeId, isVec)) return row;
      }
      if (sites && !this.fireSites(sites, row, cpu, kind, flags)) return row;
    }
    return batch.count;
  }

  /** As far as the engine gets by itself, but not past a timer. Returns the first row not done. */
  private runAhead(rows: RowProbes, row: number): number {
    const { batch, safe, clock, timers, engine, drain, points } = this.parts;
    const { nextDueNs } = timers;
    const isTimed = clock !== undefined && nextDueNs !== Number.POSITIVE_INFINITY;
    const end = isTimed ? clock.firstAt(nextDueNs, row) : batch.count;
    if (end <= row) return row;
    const next = engine.fireRows(rows, row, end, safe.unsafe ? undefined : this.withheld);
    if (nextDueNs !== Number.POSITIVE_INFINITY) points?.firedTo(next, row);
    if (engine.wantsDrain) drain();
    return next;
  }

  private readonly withheld: RowWithheld = (row) => {
    const { batch, safe } = this.parts;
    const { at, memory, architecture } = batch;
    const index = vecProbeIndex(
      memory.u16[(at.vector >> 1) + row]!,
      memory.u8[at.flags + row]!,
      architecture,
    );
    safe.withhold(this.enabledVec[index]!, memory.u16[(at.cpu >> 1) + row]!);
  };

  private vectorProbe(kind: number, index: number): number {
    return kind === EVENT_KINDS.vec ? this.enabledVec[index]! : (this.enabledReturns?.[index] ?? 0);
  }

  /** The event's own probe. False: tracing is over. */
  private fireEvent(row: number, cpu: number, probeId: number, isVec: boolean): boolean {
    this.setEvent(row, cpu);
    if (this.parts.needsArgs) this.setArgs(row, isVec);
    return this.fire(probeId);
  }

  /** The code probes that the event hits. False: tracing is over. */
  private fireSites(sites: EnabledSites, row: number, cpu: number, kind: number, flags: number): boolean {
    const { firing, needsArgs } = this.parts;
    for (let site = sites.first(row, kind, flags); site !== NO_SITE; site = sites.next(site)) {
      const probeId = sites.probeAt(site, row, cpu, flags);
      if (probeId === 0) continue;
      this.setEvent(row, cpu);
      sites.describe(site, firing, needsArgs);
      const goesOn = this.fire(probeId);
      sites.forget(firing);
      if (!goesOn) return false;
    }
    return true;
  }

  /** The trace points that the event is. False: tracing is over. */
  private firePoints(row: number, cpu: number, flags: number): boolean {
    const { points, firing, needsArgs } = this.parts;
    if (!points) return true;
    for (const which of FIRST_AND_SECOND) {
      const probeId = points.probeAt(row, which, cpu, flags);
      if (probeId === 0) continue;
      this.setEvent(row, cpu);
      points.describe(row, which, firing, needsArgs);
      const goesOn = this.fire(probeId);
      points.forget(firing);
      if (!goesOn) return false;
    }
    return true;
  }

  private setEvent(row: number, cpu: number): void {
    const { firing, clock, wallOriginNs } = this.parts;
    firing.cpu = cpu;
    firing.row = row;
    if (clock) firing.setTime(clock.nowNs, wallOriginNs);
  }

  private fire(probeId: number): boolean {
    const { engine, drain } = this.parts;
    engine.fire(probeId);
    if (engine.wantsDrain) drain();
    return engine.activity === 'active';
  }

  get nextDueNs(): number {
    return this.parts.timers.nextDueNs;
  }

  /** Fire every timer due at or before `timeNs`, in time order. */
  fireTimers(timeNs: number): void {
    const { engine, firing, batch, timers, onlyCpu } = this.parts;
    for (;;) {
      const dueNs = timers.nextDueNs;
      const timer = timers.take(timeNs);
      if (!timer) return;
      if (timer.probeId === SWITCH_BUFFERS) {
        this.parts.drain();
        continue;
      }
      const everyCpu = timer.everyCpu && onlyCpu === undefined;
      const first = onlyCpu ?? 0;
      const end = everyCpu ? batch.cpuCount : first + 1;
      for (let cpu = first; cpu < end; cpu++) {
        firing.cpu = cpu;
        firing.row = NO_ROW;
        firing.setTime(dueNs, this.parts.wallOriginNs);
        this.setTimerArgs(cpu);
        engine.fire(timer.probeId);
        if (engine.wantsDrain) this.parts.drain();
        if (engine.activity !== 'active') return;
      }
    }
  }

  private setArgs(row: number, isVec: boolean): void {
    const { firing, batch, vec } = this.parts;
    if (isVec) vec.setArgs(firing, batch, row);
    else setMachineEventArgs(firing, batch, row);
  }

  /** Where each CPU was in the rows before `end`, while there are timers to tell it. Some events do not say where. */
  private remember(end: number): void {
    const { batch, timers } = this.parts;
    if (timers.nextDueNs === Number.POSITIVE_INFINITY) return;
    const { memory, at, cpuCount } = batch;
    const seen = new Set<number>();
    for (let row = end - 1; row >= this.rememberedTo && seen.size < cpuCount; row--) {
      const cpu = memory.u16[(at.cpu >> 1) + row]!;
      const pc = memory.i64[(at.pc >> 3) + row]!;
      if (pc === 0n || seen.has(cpu)) continue;
      seen.add(cpu);
      this.lastRow[cpu] = { pc, cpl: memory.u8[at.cpl + row]! };
    }
    this.rememberedTo = end;
  }

  /** arg0 is the kernel pc, arg1 the user pc of the CPU where it was last seen; exactly one is not zero when known. */
  private setTimerArgs(cpu: number): void {
    const { firing, ownPc } = this.parts;
    firing.clearArgs();
    const last = this.lastRow[cpu];
    if (ownPc !== undefined) firing.setArg(1, ownPc);
    else if (last) firing.setArg(last.cpl === USER_LEVELS[this.parts.batch.architecture] ? 1 : 0, last.pc);
  }
}

const FIRST_AND_SECOND = [0, 1] as const;
const ODD_KINDS: ReadonlySet<number> = new Set(ODD_MACHINE_EVENTS.map((kind) => EVENT_KINDS[kind]));
const IF_BITS = EVENT_FLAGS.IF | EVENT_FLAGS.IF_KNOWN;
