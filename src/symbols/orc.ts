/**
 * ORC: the tables by which a Linux kernel without frame pointers finds its callers (Documentation/arch/x86/orc-unwinder.rst,
 * arch/x86/include/asm/orc_types.h, arch/x86/kernel/unwind_orc.c). They are read from the guest's own memory, where the
 * symbols say that they are, so they are right wherever the kernel was moved to.
 *
 *   __start_orc_unwind_ip … __stop_orc_unwind_ip   i32 each, sorted: address of code minus that of the field itself
 *   __start_orc_unwind …                           6 bytes each, of the code from that address to the next one's:
 *
 *    0           2           4
 *    +-----------+-----------+-------------------------------------------+
 *    | sp offset | bp offset | sp register:4, bp register:4, type, flags |
 *    +-----------+-----------+-------------------------------------------+
 *
 * Before Linux 6.4 the type has 2 bits, CALL is 0, and a bit says that the stack ends: bit 10, since 6.3 bit 11, behind one that
 * says `signal`. Since 6.4 it has 3 bits, CALL is 2, and the end is a type. Which one it is shows in the entries themselves, most of
 * which are CALL. The two old ones need not be told apart: a frame of which no caller is known is never a signal's.
 */
import { REGISTERS } from '../machine/registers.ts';
import type { StackStart } from '../machine/target.ts';
import type { GuestWords } from './guest-words.ts';
import type { StackEnd } from './stack-ends.ts';

/** Where a walk is. `registers` is the address of the struct pt_regs that holds this frame's registers, when one does. */
export interface OrcFrame {
  readonly pc: bigint;
  readonly sp: bigint;
  readonly bp: bigint;
  /** The instruction at pc has not run yet; else pc is where a call returns to. */
  readonly interrupted: boolean;
  readonly registers: bigint | undefined;
  readonly isUser: boolean;
}

/** Numbers of sp and bp registers in an entry. */
const BASE = {
  undefined: 0,
  previousSp: 1,
  dx: 2,
  di: 3,
  bp: 4,
  sp: 5,
  r10: 6,
  r13: 7,
  bpIndirect: 8,
  spIndirect: 9,
} as const;

/** Registers other than sp and bp that an entry may count from, and where struct pt_regs has them. */
const NAMED_BASES: Readonly<Record<number, { readonly id: number; readonly at: bigint }>> = {
  [BASE.dx]: { id: REGISTERS.rdx.id, at: 96n },
  [BASE.di]: { id: REGISTERS.rdi.id, at: 112n },
  [BASE.r10]: { id: REGISTERS.r10.id, at: 56n },
  [BASE.r13]: { id: REGISTERS.r13.id, at: 16n },
};
/** Offsets in struct pt_regs. */
const PT_REGS = { bp: 32n, ip: 128n, cs: 136n, sp: 152n } as const;

type OrcType = 'call' | 'registers' | 'partial' | 'end' | 'none';

interface OrcEntry {
  readonly spOffset: bigint;
  readonly bpOffset: bigint;
  readonly spBase: number;
  readonly bpBase: number;
  readonly type: OrcType;
}

const OLD_TYPES: readonly OrcType[] = ['call', 'registers', 'partial', 'none'];
const OLD_ENDS = (1 << 10) | (1 << 11);
const NEW_TYPES: readonly OrcType[] = ['none', 'end', 'call', 'registers', 'partial', 'none', 'none', 'none'];
const NEW_CALL = 2;
const ENTRY_BYTES = 6;
/** Entries looked at to tell the format. */
const SAMPLE = 64;

export class Orc {
  private readonly words: GuestWords;
  private readonly ips: bigint;
  private readonly count: number;
  private readonly entries: bigint;
  private readonly known = new Map<bigint, OrcEntry | undefined>();
  private isNew: boolean | undefined;

  /** The addresses of the three symbols of the head comment. */
  constructor(words: GuestWords, ipsStart: bigint, ipsEnd: bigint, entries: bigint) {
    this.words = words;
    this.ips = ipsStart;
    this.count = Number((ipsEnd - ipsStart) / 4n);
    this.entries = entries;
  }

  /** The caller's frame; 'end' where there is none; else why it is not known. */
  step(frame: OrcFrame, start: StackStart | undefined): OrcFrame | 'end' | StackEnd {
    if (frame.isUser) return 'end';
    const entry = this.entryOf(frame.interrupted ? frame.pc : frame.pc - 1n);
    if (entry === undefined || entry.type === 'none') return 'noOrc';
    if (entry.type === 'end') return 'end';
    const sp = this.previousSp(frame, entry, start);
    if (typeof sp === 'string') return sp;
    switch (entry.type) {
      case 'call':
        return this.afterCall(frame, entry, sp);
      case 'registers':
        return this.interruptedAt(sp, sp + PT_REGS.ip, frame, entry);
      case 'partial':
        return this.interruptedAt(undefined, sp, frame, entry);
    }
  }

  private afterCall(frame: OrcFrame, entry: OrcEntry, sp: bigint): OrcFrame | StackEnd {
    const pc = this.words.word(sp - 8n);
    const bp = this.previousBp(frame, entry, sp);
    if (pc === undefined || bp === undefined) return 'unreadable';
    if (sp <= frame.sp && entry.spBase === BASE.sp) return 'noOrc'; // a stack only shrinks
    return { pc, sp, bp, interrupted: false, registers: undefined, isUser: false };
  }

  /** What an interrupt or a system call saved: all registers at `all`, or those that IRET takes alone. */
  private interruptedAt(
    all: bigint | undefined,
    iret: bigint,
    frame: OrcFrame,
    entry: OrcEntry,
  ): OrcFrame | StackEnd {
    const { words } = this;
    const [pc, cs, sp] = [words.word(iret), words.word(iret + 8n), words.word(iret + 24n)];
    const bp = all === undefined ? this.previousBp(frame, entry, iret) : words.word(all + PT_REGS.bp);
    if (pc === undefined || cs === undefined || sp === undefined || bp === undefined) return 'unreadable';
    return { pc, sp, bp, interrupted: true, registers: all, isUser: (cs & 3n) === 3n };
  }

  private previousSp(frame: OrcFrame, entry: OrcEntry, start: StackStart | undefined): bigint | StackEnd {
    const { spOffset, spBase } = entry;
    switch (spBase) {
      case BASE.sp:
        return frame.sp + spOffset;
      case BASE.bp:
        return frame.bp + spOffset;
      case BASE.spIndirect: {
        const saved = this.words.word(frame.sp);
        return saved === undefined ? 'unreadable' : saved + spOffset;
      }
      case BASE.bpIndirect:
        return this.words.word(frame.bp + spOffset) ?? 'unreadable';
      default: {
        const named = NAMED_BASES[spBase];
        if (named === undefined) return 'noOrc';
        const value =
          frame.registers !== undefined
            ? this.words.word(frame.registers + named.at)
            : start?.register(named.id);
        return value === undefined ? 'lost' : value + spOffset;
      }
    }
  }

  private previousBp({ bp }: OrcFrame, { bpBase, bpOffset }: OrcEntry, sp: bigint): bigint | undefined {
    if (bpBase === BASE.previousSp) return this.words.word(sp + bpOffset);
    return bpBase === BASE.bp ? this.words.word(bp + bpOffset) : bp;
  }

  // The tables

  private entryOf(pc: bigint): OrcEntry | undefined {
    if (this.known.has(pc)) return this.known.get(pc);
    const index = this.indexOf(pc);
    const entry = index === undefined ? undefined : this.read(index);
    this.known.set(pc, entry);
    return entry;
  }

  /** The last entry that begins at `pc` or before it; none when the tables end before it, as for modules. */
  private indexOf(pc: bigint): number | undefined {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const address = this.addressOf(middle);
      if (address === undefined) return undefined;
      if (address <= pc) low = middle + 1;
      else high = middle;
    }
    return low === 0 || low === this.count ? undefined : low - 1;
  }

  private addressOf(index: number): bigint | undefined {
    const field = this.ips + BigInt(4 * index);
    const offset = this.words.int32(field);
    return offset === undefined ? undefined : BigInt.asUintN(64, field + BigInt(offset));
  }

  private read(index: number): OrcEntry | undefined {
    const fields = this.fields(index);
    if (fields === undefined) return undefined;
    this.isNew ??= this.tellFormat();
    const [spOffset, bpOffset, bits] = fields;
    const old = OLD_TYPES[(bits >> 8) & 3]!;
    const spBase = bits & 15;
    const ended = spBase === BASE.undefined && (bits & OLD_ENDS) !== 0 ? 'end' : 'none';
    const type = this.isNew ? NEW_TYPES[(bits >> 8) & 7]! : spBase === BASE.undefined ? ended : old;
    return {
      spOffset: BigInt(spOffset),
      bpOffset: BigInt(bpOffset),
      spBase,
      bpBase: (bits >> 4) & 15,
      type,
    };
  }

  private fields(index: number) {
    return this.words.halves(this.entries + BigInt(ENTRY_BYTES * index));
  }

  private tellFormat(): boolean {
    let [calls, seen] = [0, 0];
    for (let i = 0; i < SAMPLE; i++) {
      const bits = this.fields(Math.floor((i * this.count) / SAMPLE))?.[2];
      if (bits === undefined || (bits & 15) === BASE.undefined) continue;
      seen++;
      if (((bits >> 8) & 7) === NEW_CALL) calls++;
    }
    return 2 * calls > seen;
  }
}
