/**
 * Stacks of an x86-64 guest, through its memory: the kernel's by ORC where it has the tables (orc.ts), by frame pointers where
 * it has not (frame-pointers.ts); user programs' by frame pointers.
 *
 * In: memory, symbols, where an event found the CPU. Out: addresses, innermost first, and a mark where it is not sure how the
 * stack goes on (stack-ends.ts). It never guesses: a shorter stack is better than a wrong one.
 *
 * The user's part of an event in the kernel begins where the kernel was entered: at the registers that it saved, which ORC
 * finds; or, between SYSCALL and the switch of stacks, in the registers themselves.
 */
import { EVENT_KINDS } from '../machine/event-batch.ts';
import { REGISTERS } from '../machine/registers.ts';
import type { MemoryReader, StackSide, StackStart, StackWalker } from '../machine/target.ts';
import { FramePointers, type PointerFrame } from './frame-pointers.ts';
import { GuestWords } from './guest-words.ts';
import { Orc, type OrcFrame } from './orc.ts';
import { STACK_ENDS, type StackEnd } from './stack-ends.ts';
import type { SymbolSet } from './symbol-set.ts';

export interface WalkerRequest {
  readonly memory: MemoryReader;
  readonly symbols: SymbolSet | undefined;
  /** Memory is at every event what it was when it happened; else at code that was reached, where the guest stands. */
  readonly everywhere: boolean;
}

/** Kernels of 64-bit machines lie in the upper half of the address space. */
const UPPER_HALF = 1n << 63n;
/** Deeper than any kernel stack: a chain that is longer leads in a circle. */
const MAX_KERNEL_FRAMES = 512;

/** What both ways of walking have. */
type Step<F> = (frame: F) => F | 'end' | StackEnd;

export class GuestStacks implements StackWalker {
  private readonly pointers: FramePointers;
  private readonly orc: Orc | undefined;
  private readonly everywhere: boolean;

  constructor({ memory, symbols, everywhere }: WalkerRequest) {
    const words = new GuestWords(memory);
    this.everywhere = everywhere;
    this.pointers = new FramePointers(words, (address) => {
      const hit = symbols?.lookup(address);
      return hit === undefined || hit.name === '' ? undefined : address - hit.offset;
    });
    const address = (name: string): bigint | undefined =>
      symbols?.tables.flatMap((table) => table.byName(name))[0]?.address;
    const [first, last] = [address('__start_orc_unwind_ip'), address('__stop_orc_unwind_ip')];
    const entries = address('__start_orc_unwind');
    this.orc =
      first !== undefined && last !== undefined && entries !== undefined
        ? new Orc(words, first, last, entries)
        : undefined;
  }

  sees(eventKind: number): boolean {
    return this.everywhere ? eventKind !== EVENT_KINDS.time : eventKind === EVENT_KINDS.tb;
  }

  walk(side: StackSide, start: StackStart, frames: BigUint64Array, limit: number): number {
    const sp = start.register(REGISTERS.rsp.id);
    const bp = start.register(REGISTERS.rbp.id);
    if (side === 'kernel') return start.inKernel ? this.walkKernel(start, sp, bp, frames, limit) : 0;
    if (!start.inKernel) return this.walkUser({ pc: start.pc, sp, bp }, frames, limit);
    const user = this.userBelow(start, sp, bp);
    return user === undefined ? 0 : this.walkUser(user, frames, limit);
  }

  private walkKernel(
    start: StackStart,
    sp: bigint | undefined,
    bp: bigint | undefined,
    frames: BigUint64Array,
    limit: number,
  ): number {
    const { orc, pointers } = this;
    if (sp === undefined || bp === undefined) return put(frames, limit, start.pc, 'unreadable');
    // Between SYSCALL and the switch of stacks the kernel has none yet.
    if (sp < UPPER_HALF && start.pc >= UPPER_HALF) return put(frames, limit, start.pc, undefined);
    if (orc === undefined) {
      const first: PointerFrame = { pc: start.pc, sp, bp, isCaller: false };
      return collect(first, (frame) => pointers.step(frame), frames, limit);
    }
    const first = firstOrcFrame(start.pc, sp, bp);
    return collect(first, orcStep(orc, first, start), frames, limit);
  }

  private walkUser(
    { pc, sp, bp }: { readonly pc: bigint; readonly sp: bigint | undefined; readonly bp: bigint | undefined },
    frames: BigUint64Array,
    limit: number,
  ): number {
    if (sp === undefined || bp === undefined) return put(frames, limit, pc, 'unreadable');
    return collect({ pc, sp, bp, isCaller: false }, (frame) => this.pointers.step(frame), frames, limit);
  }

  /** Where the user program was when it entered the kernel. */
  private userBelow(start: StackStart, sp: bigint | undefined, bp: bigint | undefined) {
    if (sp === undefined || bp === undefined) return undefined;
    if (sp < UPPER_HALF && start.pc >= UPPER_HALF) {
      const pc = start.register(REGISTERS.rcx.id);
      return pc === undefined || pc >= UPPER_HALF ? undefined : { pc, sp, bp };
    }
    if (this.orc === undefined) return undefined;
    const first = firstOrcFrame(start.pc, sp, bp);
    const step = orcStep(this.orc, first, start);
    let frame = first;
    for (let i = 0; i < MAX_KERNEL_FRAMES; i++) {
      const next = step(frame);
      if (typeof next === 'string') return undefined;
      if (next.isUser) return next;
      frame = next;
    }
    return undefined;
  }
}

function firstOrcFrame(pc: bigint, sp: bigint, bp: bigint): OrcFrame {
  return { pc, sp, bp, interrupted: true, registers: undefined, isUser: false };
}

/** Registers of the event are those of the first frame alone. */
function orcStep(orc: Orc, first: OrcFrame, start: StackStart): Step<OrcFrame> {
  return (frame) => orc.step(frame, frame === first ? start : undefined);
}

/** Steps until the stack ends or nobody knows how it goes on; a user's frame is none of the kernel's. */
function collect<F extends { readonly pc: bigint; readonly isUser?: boolean }>(
  first: F,
  step: Step<F>,
  frames: BigUint64Array,
  limit: number,
): number {
  let count = 0;
  let frame = first;
  for (;;) {
    frames[count++] = frame.pc;
    frames[count] = 0n;
    if (count >= limit) return count;
    const next = step(frame);
    if (next === 'end') return count;
    if (typeof next === 'string') {
      frames[count] = STACK_ENDS[next].mark;
      return count;
    }
    if (next.isUser) return count;
    frame = next;
  }
}

function put(frames: BigUint64Array, limit: number, pc: bigint, end: StackEnd | undefined): number {
  frames[0] = pc;
  frames[1] = end === undefined || limit < 2 ? 0n : STACK_ENDS[end].mark;
  return 1;
}
