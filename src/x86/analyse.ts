/**
 * What probes need to know of code: where a function returns, whether a place is reached from its own page, and an address
 * of a page at which no instruction begins.
 *
 * In: code bytes (machine/sites.ts) and the bounds of functions. Out: addresses. Functions are decoded from their
 * start to their end in one line: compilers for x86 put no data between instructions, and where bytes are no
 * instruction, one is passed over and the answer is marked incomplete.
 */
import type { CodeReader } from '../machine/sites.ts';
import type { Decoder, Instruction } from './decode.ts';

/** Bounds of a function, end exclusive. */
export interface FunctionBounds {
  readonly start: bigint;
  readonly end: bigint;
}

export interface FunctionCode {
  /** Instructions that leave the function to its caller. */
  readonly returns: readonly { readonly address: bigint; readonly offset: number }[];
  /** Where it jumps to instead of returning (or to a part of it that lies elsewhere). */
  readonly tailCalls: readonly bigint[];
  /** All of its bytes are known, and are instructions. */
  readonly complete: boolean;
}

export interface ReturnStyle {
  /** Linux compiles `ret` as `jmp __x86_return_thunk` and makes `ret; int3` of it at boot where no mitigation is needed. */
  readonly returnThunks: ReadonlySet<bigint>;
}

/** No function of a kernel is larger; a symbol without a size may seem to be. */
const MAX_FUNCTION_BYTES = 1 << 20;
const PAGE_BYTES = 4096n;

export function analyseFunction(
  decoder: Decoder,
  code: CodeReader,
  { start, end }: FunctionBounds,
  { returnThunks }: ReturnStyle,
): FunctionCode {
  const size = Number(end - start);
  const bytes = size > 0 && size <= MAX_FUNCTION_BYTES ? code.readCode(start, size) : undefined;
  if (bytes === undefined) return { returns: [], tailCalls: [], complete: false };
  const returns: { address: bigint; offset: number }[] = [];
  const tailCalls: bigint[] = [];
  let complete = bytes.length === size;
  const take = ({ address, flow, target }: Instruction): boolean => {
    if (flow === 'ret' || (flow === 'jmp' && target !== undefined && returnThunks.has(target))) {
      returns.push({ address, offset: Number(address - start) });
    } else if ((flow === 'jmp' || flow === 'jcc') && target !== undefined) {
      if (target < start || target >= end) tailCalls.push(target);
    }
    return true;
  };
  decoder.walk(bytes, start, take, () => {
    complete = false;
  });
  return { returns, tailCalls, complete };
}

export const pageOf = (address: bigint): bigint => address & ~(PAGE_BYTES - 1n);

/** Whether code of `target`'s page jumps to it or calls it directly: such a step is not seen in a log of blocks. */
export function reachedWithinPage(
  decoder: Decoder,
  code: CodeReader,
  functions: readonly FunctionBounds[],
  target: bigint,
): boolean {
  let reached = false;
  walkPage(decoder, code, functions, pageOf(target), (instruction) => {
    reached ||= instruction.target === target;
    return !reached;
  });
  return reached;
}

/** Long instructions end in a displacement or an immediate value, into which nobody jumps. */
const LONG_BYTES = 5;

/** An address in the page that is inside an instruction, so that a breakpoint there is never met. */
export function markerAddress(
  decoder: Decoder,
  code: CodeReader,
  functions: readonly FunctionBounds[],
  page: bigint,
): bigint | undefined {
  let found: bigint | undefined;
  walkPage(decoder, code, functions, page, ({ address, length }) => {
    const last = address + BigInt(length - 1);
    if (length >= LONG_BYTES && pageOf(last) === page) found = last;
    return found === undefined;
  });
  return found;
}

/** The instructions of the functions that reach into the page, as far as they lie in it. */
function walkPage(
  decoder: Decoder,
  code: CodeReader,
  functions: readonly FunctionBounds[],
  page: bigint,
  take: (instruction: Instruction) => boolean,
): void {
  let goesOn = true;
  for (const { start, end } of functions) {
    if (!goesOn || end <= page || start >= page + PAGE_BYTES) continue;
    const stop = end < page + PAGE_BYTES ? end : page + PAGE_BYTES;
    const bytes = code.readCode(start, Math.min(Number(stop - start), MAX_FUNCTION_BYTES));
    if (bytes === undefined) continue;
    decoder.walk(bytes, start, (instruction) => {
      if (instruction.address >= page) goesOn = take(instruction);
      return goesOn;
    });
  }
}

/** Offset of ax in Linux' struct pt_regs (arch/x86/include/asm/ptrace.h, 64 bit). */
const PT_REGS_AX = 0x50n;

/** Where a Linux function that dispatches system calls has the result in RAX: at the store to pt_regs behind a call. */
export function resultSites(decoder: Decoder, code: CodeReader, { start, end }: FunctionBounds): bigint[] {
  const bytes = code.readCode(start, Math.min(Number(end - start), MAX_FUNCTION_BYTES));
  const sites: bigint[] = [];
  if (bytes === undefined) return sites;
  let afterCall = false;
  decoder.walk(bytes, start, ({ address, flow }) => {
    if (afterCall && decoder.storesResultAt(PT_REGS_AX)) sites.push(address);
    afterCall = flow === 'call' || flow === 'indirect-call';
    return true;
  });
  return sites;
}
