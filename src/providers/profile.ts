/**
 * The `profile` provider: `tick-N` fires on one CPU, `profile-N` on every CPU, each N of the session's clock.
 *
 * N is a number with an optional unit; without one it is hertz (behaviours.md 17). Probes are made when a description
 * asks for them; the predefined ones exist for listings. Timers are due at origin + interval, 2 × interval, …, and
 * fire in time order between events: all that are due at or before an event fire before it.
 */
import { NS_PER_UNIT } from '../base/time-units.ts';
import type { ProbePattern } from '../dif/program.ts';
import type { ProbeProvider, ProbeTable } from '../engine/probes.ts';

/** 5000 Hz, as dtrace limits it: a shorter interval would be all tracing and no work. */
const MIN_INTERVAL_NS = 200_000;
const PREDEFINED = [
  ...[97, 199, 499, 997, 1999, 4001, 4999].map((hz) => `profile-${hz}`),
  ...[1, 10, 100, 500, 1000, 5000].map((hz) => `tick-${hz}`),
];
const NAME = /^(tick|profile)-(\d+)([a-zA-Z]*)$/;

/** Probe id of the timer that fires nothing but empties the buffers. */
export const SWITCH_BUFFERS = 0;

export interface Timer {
  readonly probeId: number;
  readonly everyCpu: boolean;
  readonly intervalNs: number;
}

/** Interval of a probe name, or undefined when the name is no timer or its rate is out of range. */
export function timerInterval(name: string): number | undefined {
  const match = NAME.exec(name);
  if (!match) return undefined;
  const count = Number(match[2]);
  const unit = (match[3] ?? '').toLowerCase();
  if (count === 0) return undefined;
  const unitNs = NS_PER_UNIT[unit];
  const interval = unit === '' || unit === 'hz' ? Math.floor(1e9 / count) : unitNs && count * unitNs;
  if (!interval || interval < MIN_INTERVAL_NS || interval > Number.MAX_SAFE_INTEGER) return undefined;
  return interval;
}

export class ProfileProvider implements ProbeProvider {
  readonly name = 'profile';
  readonly timers = new Map<number, Timer>();

  constructor(probes: ProbeTable) {
    for (const name of PREDEFINED) this.make(name, probes);
  }

  /** Makes the probe when the pattern's name is a timer spelled out and the provider field may be `profile`. */
  provide(pattern: ProbePattern, probes: ProbeTable): void {
    if (pattern.module !== '' || pattern.function !== '') return;
    if (pattern.provider !== '' && pattern.provider !== 'profile') return;
    this.make(pattern.name, probes);
  }

  private make(name: string, probes: ProbeTable): void {
    const intervalNs = timerInterval(name);
    if (intervalNs === undefined) return;
    const probe = probes.create('profile', '', '', name);
    this.timers.set(probe.id, { probeId: probe.id, everyCpu: name.startsWith('profile-'), intervalNs });
  }
}

/** The timers that are enabled, and when each is due next. */
export class TimerQueue {
  private readonly timers: readonly Timer[];
  private readonly dueNs: Float64Array;
  /** Time of the earliest due timer; Infinity without timers. */
  nextDueNs: number;

  constructor(timers: readonly Timer[], originNs: number) {
    this.timers = timers;
    this.dueNs = Float64Array.from(timers, (timer) => originNs + timer.intervalNs);
    this.nextDueNs = this.earliest();
  }

  /** Take the earliest timer due at or before `timeNs`; sets it to its next time. Ties fire in probe order. */
  take(timeNs: number): Timer | undefined {
    if (this.nextDueNs > timeNs) return undefined;
    const index = this.dueNs.indexOf(this.nextDueNs);
    const timer = this.timers[index];
    if (!timer) return undefined;
    this.dueNs[index] = this.dueNs[index]! + this.stepNs(timer, index, timeNs);
    this.nextDueNs = this.earliest();
    return timer;
  }

  /**
   * How long until a timer is due again. Buffers that nothing can have written to since need not be emptied again, so
   * their timer leaps over the intervals that end before another timer is due, or before `timeNs`.
   */
  private stepNs({ probeId, intervalNs }: Timer, index: number, timeNs: number): number {
    if (probeId !== SWITCH_BUFFERS) return intervalNs;
    const now = this.dueNs[index]!;
    const until = this.dueNs.reduce((least, due, i) => (i === index ? least : Math.min(least, due)), timeNs);
    return intervalNs * Math.max(1, Math.floor((until - now) / intervalNs));
  }

  private earliest(): number {
    let min = Number.POSITIVE_INFINITY;
    for (const due of this.dueNs) if (due < min) min = due;
    return min;
  }
}
