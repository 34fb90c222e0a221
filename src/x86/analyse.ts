/**
 * What probes need to know of code: where a function returns, whether a place is reached from its own page, and an address
 * of a page at which no instruction begins.
 *
 * In: code bytes (machine/sites.ts) and the bounds of functions. Out: addresses. Functions are decoded from their
 * start to their end in one line: compilers for x86 put no data between instructions, and where bytes are no
 * instruction, one is passed over and the answer is marked incomplete. Held to objdump over the 46,999 functions of
 * Debian's 6.1: the same returns in all of them, the same instructions in all but three that jump into their own middle
 * or hold data.
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
  /** Those that do so only on a condition (`jne __x86_return_thunk`, which clang makes); that one is met tells nothing. */
  readonly conditionalReturns: readonly bigint[];
  /** Where it jumps to instead of returning, or to a part of it that lies elsewhere (`.cold`). */
  readonly tailCalls: readonly bigint[];
  /** All of its bytes are known, and are instructions. */
  readonly complete: boolean;
}

export interface ReturnStyle {
  /** Linux compiles `ret` as `jmp __x86_return_thunk` and makes `ret; int3` of it at boot where no mitigation is needed. */
  readonly returnThunks: ReadonlySet<bigint>;
}

/** What Linux compiles returns into, and what it patches them into for some processors' sake. */
const RETURN_THUNKS = [
  '__x86_return_thunk',
  'retbleed_return_thunk', // AMD before Zen 3
  'zen_return_thunk', // its name in 6.4
  'srso_return_thunk', // AMD Zen 1 and 2
  'srso_alias_return_thunk', // AMD Zen 3 and 4
  'its_return_thunk', // Intel, since 2025
  'call_depth_return_thunk', // Intel Skylake, since 6.6
  '__x86_return_skl', // its name before
];

/** Jumps to these places are returns; `lookup` gives the symbols of a name. */
export function returnThunks(
  lookup: (name: string) => readonly { readonly address: bigint }[],
): ReadonlySet<bigint> {
  return new Set(RETURN_THUNKS.flatMap(lookup).map(({ address }) => address));
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
  const bytes = size <= MAX_FUNCTION_BYTES ? readCode(code, start, size) : undefined;
  const returns: { address: bigint; offset: number }[] = [];
  const conditionalReturns: bigint[] = [];
  const tailCalls = new Set<bigint>();
  if (bytes === undefined) return { returns, conditionalReturns, tailCalls: [], complete: false };
  let complete = bytes.length === size;
  const take = ({ address, flow, target }: Instruction): boolean => {
    const isJump = (flow === 'jmp' || flow === 'jcc') && target !== undefined;
    const isReturn = flow === 'ret' || (isJump && returnThunks.has(target));
    if (isReturn && flow === 'jcc') conditionalReturns.push(address);
    else if (isReturn) returns.push({ address, offset: Number(address - start) });
    else if (isJump && (target < start || target >= end)) tailCalls.add(target);
    return true;
  };
  decoder.walk(bytes, start, take, () => {
    complete = false;
  });
  return { returns, conditionalReturns, tailCalls: [...tailCalls], complete };
}

function readCode(code: CodeReader, start: bigint, size: number): Uint8Array | undefined {
  return size > 0 ? code.readCode(start, Math.min(size, MAX_FUNCTION_BYTES)) : undefined;
}

export const pageOf = (address: bigint): bigint => address & ~(PAGE_BYTES - 1n);

/**
 * Whether code of `target`'s page leads to it without a look-up that a log of blocks would show: by a direct jump or call,
 * or by going on into it. Filler behind a jump, a return or a call (which may not return) is taken for no code.
 */
export function reachedWithinPage(
  decoder: Decoder,
  code: CodeReader,
  functions: readonly FunctionBounds[],
  target: bigint,
): boolean {
  let reached = false;
  let goesOnTo: bigint | undefined; // where the instruction before leads without a jump
  walkPage(decoder, code, functions, pageOf(target), (instruction) => {
    const { address, length, flow } = instruction;
    reached ||= instruction.target === target || (address === target && goesOnTo === target);
    const isRun = goesOnTo === address || !decoder.isFiller();
    goesOnTo = isRun && GOES_ON.has(flow) ? address + BigInt(length) : undefined;
    return !reached;
  });
  // Its own function may not be known, and nothing is decoded at the target then.
  return reached || goesOnTo === target;
}

/** Behind a call goes on what its `ret` leads to, which is looked up. */
const GOES_ON: ReadonlySet<Instruction['flow']> = new Set(['next', 'jcc'] as const);

/** Instructions as long as this end in a displacement or an immediate value, into which nobody jumps. */
const LONG_BYTES = 5;

/**
 * An address in the page that is inside an instruction, so that a breakpoint there is never met. Calls, jumps and
 * fillers are passed over: a kernel patches them at boot, and what was the last byte of one may be a NOP then.
 */
export function markerAddress(
  decoder: Decoder,
  code: CodeReader,
  functions: readonly FunctionBounds[],
  page: bigint,
): bigint | undefined {
  let found: bigint | undefined;
  walkPage(decoder, code, functions, page, ({ address, length }) => {
    const last = address + BigInt(length - 1);
    if (length >= LONG_BYTES && decoder.isPlain() && pageOf(last) === page) found = last;
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
  const pageEnd = page + PAGE_BYTES;
  const inPage = functions.filter(({ start, end }) => start < pageEnd && end > page);
  let goesOn = true;
  for (const { start, end } of inPage.sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const bytes = readCode(code, start, Number((end < pageEnd ? end : pageEnd) - start));
    if (bytes === undefined) continue;
    decoder.walk(bytes, start, (instruction) => {
      const { address, length } = instruction;
      if (address + BigInt(length) > page) goesOn = take(instruction);
      return goesOn;
    });
    if (!goesOn) return;
  }
}

/** Offset of ax in Linux' struct pt_regs (arch/x86/include/asm/ptrace.h). */
const PT_REGS_AX = { 64: 0x50n, 32: 0x18n, 16: 0n } as const;

/**
 * Where a Linux function that dispatches system calls has the result in RAX: behind each call whose result it stores in
 * pt_regs. A block begins there, so a log of blocks shows it.
 */
export function resultSites(decoder: Decoder, code: CodeReader, { start, end }: FunctionBounds): bigint[] {
  const bytes = readCode(code, start, Number(end - start));
  const sites: bigint[] = [];
  if (bytes === undefined) return sites;
  let result: bigint | undefined; // where RAX is a call's result since
  decoder.walk(bytes, start, ({ address, length, flow }) => {
    if (flow === 'call' || flow === 'indirect-call') result = address + BigInt(length);
    else if (result !== undefined && decoder.storesResultAt(PT_REGS_AX[decoder.bitness])) {
      sites.push(result);
      result = undefined;
    } else if (flow !== 'next' || decoder.mayWriteResult()) result = undefined;
    return true;
  });
  return sites;
}
