/**
 * Which delivery an IRET ends: the one whose frame it takes.
 *
 * Frames lie on stacks, and a stack address has one frame at a time, so the frame's address is the key, whatever CPU the
 * IRET happens on (a thread may have moved). A frame that is never returned from (a process ended in its handler) is
 * forgotten when another one is made at its place.
 */
import type { Cpu } from '../x86/cpu.ts';

export interface Delivery {
  readonly vector: number;
  readonly kind: number; // as in x86/far.ts
  readonly beganNs: number;
  readonly cpl: number; // before it
  readonly faultAddress: bigint;
}

/** Threads that are in the kernel at one time, several frames each; beyond this the oldest are forgotten. */
const MOST_FRAMES = 1 << 16;

export class Deliveries {
  private readonly frames = new Map<string, Delivery>();
  private begun: Delivery | undefined;

  begin(cpu: Cpu, vector: number, kind: number, beganNs: number, faultAddress: bigint): void {
    this.begun = { vector, kind, beganNs, cpl: cpu.cpl, faultAddress };
  }

  /** The delivery begun last has its frame. */
  push(low: number, high: number): void {
    if (this.begun === undefined) return;
    if (this.frames.size >= MOST_FRAMES) this.forgetOldest();
    this.frames.set(keyOf(low, high), this.begun);
    this.begun = undefined;
  }

  take(low: number, high: number): Delivery | undefined {
    const key = keyOf(low, high);
    const delivery = this.frames.get(key);
    this.frames.delete(key);
    return delivery;
  }

  private forgetOldest(): void {
    const [oldest] = this.frames.keys();
    if (oldest !== undefined) this.frames.delete(oldest);
  }
}

const keyOf = (low: number, high: number): string => `${high}:${low}`;
