/**
 * Callers by frame pointers, followed only while it is sure that there are any.
 *
 *   push %rbp; mov %rsp,%rbp    makes a function's frame: [rbp] is the caller's rbp, [rbp + 8] where it goes on
 *
 * Before the push, and behind the pop, the return address lies on top of the stack. What says so is the function's own code,
 * so its beginning must be known: from symbols, or, for code without any, by looking back for the nearest such pair. A return
 * address must stand behind a call. rbp 0 is the ABI's mark of the outermost frame: there the stack ends for sure.
 */
import type { GuestWords } from './guest-words.ts';
import type { StackEnd } from './stack-ends.ts';

export interface PointerFrame {
  readonly pc: bigint;
  readonly sp: bigint;
  readonly bp: bigint;
  /** pc is where a call returns to; else the instruction there has not run yet. */
  readonly isCaller: boolean;
}

/** A frame is no larger than this: kernel stacks are smaller, and of a user's what is larger may be anything. */
const MAX_FRAME_BYTES = 1n << 20n;
/** Longer functions are not looked through. */
const MAX_FUNCTION_BYTES = 1 << 16;
const PAGE_BYTES = 4096n;
const ENDBR64 = [0xf3, 0x0f, 0x1e, 0xfa];
/** What a compiler leaves for a tracer to patch: a NOP or a call of 5 bytes. */
const PATCHABLE_BYTES = 5;
const PUSH_RBP = 0x55;
/** `mov %rsp,%rbp` in its two encodings. */
const MOVES = [
  [0x48, 0x89, 0xe5],
  [0x48, 0x8b, 0xec],
] as const;
const FRAME_BYTES = 4;

export class FramePointers {
  private readonly words: GuestWords;
  /** First address of the function that holds an address, by its symbol. */
  private readonly functionAt: (address: bigint) => bigint | undefined;

  constructor(words: GuestWords, functionAt: (address: bigint) => bigint | undefined) {
    this.words = words;
    this.functionAt = functionAt;
  }

  /** The caller's frame; 'end' where there is none; else why it is not known. */
  step(frame: PointerFrame): PointerFrame | 'end' | StackEnd {
    const { pc, bp, isCaller } = frame;
    if (isCaller && bp === 0n) return 'end';
    const where = isCaller ? pc - 1n : pc;
    const symbol = this.functionAt(where);
    if (!isCaller && (pc === symbol || this.isBehindFrame(pc))) return this.fromTop(frame, 0n);
    const begin = symbol === undefined ? this.lookBack(where) : this.frameIn(symbol, frame);
    if (begin === undefined) return 'noFrame';
    if (pc === begin) return this.fromTop(frame, 0n);
    return pc === begin + 1n ? this.fromTop(frame, 8n) : this.fromFrame(frame);
  }

  /** The return address lies at sp + skip; below it the caller's rbp, if that was pushed. */
  private fromTop({ sp, bp }: PointerFrame, skip: bigint): PointerFrame | 'end' | StackEnd {
    const saved = skip === 0n ? bp : this.words.word(sp);
    const pc = this.words.word(sp + skip);
    if (pc === undefined || saved === undefined) return 'unreadable';
    if (pc === 0n) return 'end';
    return this.checked({ pc, sp: sp + skip + 8n, bp: saved, isCaller: true });
  }

  private fromFrame({ sp, bp }: PointerFrame): PointerFrame | 'end' | StackEnd {
    if (bp === 0n) return 'end';
    if ((bp & 7n) !== 0n || bp < sp || bp - sp > MAX_FRAME_BYTES) return 'noChain';
    const [saved, pc] = [this.words.word(bp), this.words.word(bp + 8n)];
    if (saved === undefined || pc === undefined) return 'unreadable';
    if (pc === 0n) return 'end';
    return this.checked({ pc, sp: bp + 16n, bp: saved, isCaller: true });
  }

  private checked(frame: PointerFrame): PointerFrame | StackEnd {
    return isBehindCall(this.words.codeAt(frame.pc - 8n, 8)) ? frame : 'noChain';
  }

  /**
   * Where the function's frame begins that pc lies in. A compiler may put quick ways out before the push and behind the pop, but
   * no calls: so behind the pop a caller still has its frame, and for others it is not known.
   */
  private frameIn(symbol: bigint, { pc, isCaller }: PointerFrame): bigint | undefined {
    const size = Number(pc - symbol);
    if (size > MAX_FUNCTION_BYTES) return undefined;
    const code = this.words.codeAt(symbol, size + FRAME_BYTES);
    let begin: number | undefined;
    for (let at = 0; at < size || (at === size && !isCaller); at++) {
      if (isFrame(code, at)) begin = at;
      else if (!isCaller && isEnd(code, at) && at < size - 1) begin = undefined;
    }
    // Before the push a frame may have been begun otherwise; only at the very beginning there is none.
    const isEarly = begin === size && size > 0 && !isPrefix(code, size);
    return begin === undefined || isEarly ? undefined : symbol + BigInt(begin);
  }

  /** The nearest push before pc, in its page or the one before; none when a function may end between them. */
  private lookBack(pc: bigint): bigint | undefined {
    const page = pc & ~(PAGE_BYTES - 1n);
    for (const from of [page, page - PAGE_BYTES]) {
      const size = Number(pc - from);
      const code = from < 0n ? new Uint8Array(0) : this.words.codeAt(from, size + FRAME_BYTES);
      if (code.length < size) return undefined;
      for (let at = size; at >= 0; at--) {
        if (isFrame(code, at)) return from + BigInt(at);
        if (at < size && isEnd(code, at)) return undefined;
      }
    }
    return undefined;
  }

  /** At a return, or at the jump to another function that stands for one. */
  private isBehindFrame(pc: bigint): boolean {
    const [before, now] = this.words.codeAt(pc - 1n, 2);
    if (now === 0xc3 || now === 0xc2) return true;
    const popped = before === 0x5d || before === 0xc9; // pop %rbp, leave
    return popped && (now === 0xe9 || now === 0xeb || now === 0xff);
  }
}

/** Whether a function's first `size` bytes are but ENDBR64 and a place to patch. */
function isPrefix(code: Uint8Array, size: number): boolean {
  let at = ENDBR64.every((byte, i) => code[i] === byte) ? ENDBR64.length : 0;
  const isPatchable = at < size && (code[at] === 0xe8 || (code[at] === 0x0f && code[at + 1] === 0x1f));
  if (isPatchable) at += PATCHABLE_BYTES;
  return at === size;
}

function isFrame(code: Uint8Array, at: number): boolean {
  return code[at] === PUSH_RBP && MOVES.some((move) => move.every((byte, i) => code[at + 1 + i] === byte));
}

/** `pop %rbp` or `leave`, then `ret`. */
function isEnd(code: Uint8Array, at: number): boolean {
  return (code[at] === 0x5d || code[at] === 0xc9) && code[at + 1] === 0xc3;
}

/** Whether 8 bytes of code end in a call: direct, or through a register or memory. */
export function isBehindCall(code: Uint8Array): boolean {
  if (code.length < 8) return false;
  if (code[3] === 0xe8) return true;
  for (const length of [2, 3, 4, 6, 7]) {
    const at = 8 - length;
    if (code[at] === 0xff && ((code[at + 1]! >> 3) & 7) === 2 && callBytes(code, at) === length) return true;
  }
  return false;
}

/** Length of `ff /2`, by its ModRM byte. */
function callBytes(code: Uint8Array, at: number): number {
  const modrm = code[at + 1]!;
  const [mode, rm] = [modrm >> 6, modrm & 7];
  if (mode === 3) return 2;
  const sib = rm === 4 ? 1 : 0;
  const isAbsolute = mode === 0 && (rm === 5 || (sib === 1 && (code[at + 2]! & 7) === 5));
  const displacement = mode === 1 ? 1 : mode === 2 || isAbsolute ? 4 : 0;
  return 2 + sib + displacement;
}
