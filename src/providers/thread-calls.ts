/**
 * Which system call each thread is in: entries are kept until a return of the same thread takes them (syscall.ts says how
 * threads are told apart, and why several calls of one may be open).
 */
import type { RegisterName } from '../machine/registers.ts';
import type { Hit } from './sites.ts';
import type { Personality } from './syscalls/abi.ts';

type ThreadFacts = Pick<Personality, 'suspends' | 'ends' | 'replaces' | 'moves'>;

/** Address spaces remembered: those of processes that were killed in a call would stay for ever. */
const MOST_SPACES = 65_536;
/** A process that lends its thread to a child that lends it on. */
const MOST_OPEN = 8;
const TWO_32 = 0x1_0000_0000;
/** CR3 bits 13 to 51: below are PCID and the bit that page-table isolation flips. */
const CR3_LOW = 0xffffe000;
const HIGH_BITS = 0x000fffff;

export class ThreadCalls {
  entries = 0;
  returns = 0;
  paired = 0;
  private readonly personality: ThreadFacts;
  private readonly spaces = new Map<number, Map<number, number[]>>();

  constructor(personality: ThreadFacts) {
    this.personality = personality;
  }

  enter(hit: Hit, call: number): void {
    this.entries++;
    const { suspends, ends } = this.personality;
    const open = this.openCalls(hit, true, call);
    if (open === undefined) return;
    const waiting = open.at(-1);
    // A call that did not return and does not wait for a child was left: by a signal's handler that jumped, or unseen.
    if (waiting !== undefined && !suspends.has(waiting)) open.pop();
    if (open.length >= MOST_OPEN) open.shift();
    if (!ends.has(call)) open.push(call);
  }

  /** The call that returns, or -1 when no entry of the thread is known. */
  leave(hit: Hit, failed: boolean): number {
    this.returns++;
    const open = this.openCalls(hit, false);
    if (open === undefined) return -1;
    // A program that was replaced has another address space: what returns here is the call below.
    while (open.length > 0 && !failed && this.personality.replaces.has(open.at(-1)!)) open.pop();
    const call = open.pop();
    if (call === undefined) return -1;
    this.paired++;
    return call;
  }

  private openCalls(hit: Hit, make: boolean, call = -1): number[] | undefined {
    if (!hit.read('cr3')) return undefined;
    const space = (hit.high & HIGH_BITS) * TWO_32 + ((hit.low & CR3_LOW) >>> 0);
    if (!hit.read(this.threadRegister(hit, call))) return undefined;
    const thread = (hit.high & HIGH_BITS) * TWO_32 + (hit.low >>> 0);
    let threads = this.spaces.get(space);
    if (threads === undefined) {
      if (!make) return undefined;
      if (this.spaces.size >= MOST_SPACES) this.spaces.clear();
      threads = new Map();
      this.spaces.set(space, threads);
    }
    let open = threads.get(thread);
    if (open === undefined && make) {
      open = [];
      threads.set(thread, open);
    }
    return open;
  }

  /** What the thread will be known by when the call returns. */
  private threadRegister(hit: Hit, call: number): RegisterName {
    const { moves } = this.personality;
    const isMove = moves?.call === call && hit.read(moves.code) && hit.low === moves.is && hit.high === 0;
    return isMove ? moves.to : 'fs_base';
  }
}
