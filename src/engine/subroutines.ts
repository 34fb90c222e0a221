/**
 * Subroutines: one handler per row of dif/subroutines.ts (a row without one does not compile).
 *
 * A handler reads its arguments from the tuple stack and leaves one result through the context. Strings are bytes in
 * linear memory; string results go to the clause's scratch, cut to strsize. A handler that faults just returns: the
 * interpreter looks at the fault state.
 */
import { FAULTS } from '../dif/faults.ts';
import { SUBROUTINE_FAULT_BASE, SUBROUTINES, type SubrName } from '../dif/subroutines.ts';
import { ENGINE_BASE_HIGH } from '../machine/address.ts';
import type { EngineIdentity } from './engine-contract.ts';
import { findJsonValue } from './json-selector.ts';
import { CELLS, type MachineState, TUPLE_ENTRY_BYTES } from './machine-state.ts';
import { ethernetText, inet4Text, inet6Text, infinibandText } from './network-text.ts';
import { cleanPath, findBasename, findDirname } from './path-text.ts';
import type { RandomSource } from './random.ts';
import type { Speculations } from './speculations.ts';
import { divideText, findBytesBackward, findBytesForward } from './text-search.ts';
import { setDouble } from './wide-arithmetic.ts';

/** What an allocation returns when it faulted. */
export const NO_ADDRESS = 0;

const AF_INET = 2;
const AF_INET6 = 10;
const ARPHRD_ETHER = 1;
const ARPHRD_INFINIBAND = 32;

export type SubroutineHandler = (call: SubroutineContext) => void;

export class SubroutineContext {
  readonly m: MachineState;
  readonly speculations: Speculations;
  readonly random: RandomSource;
  readonly identity: EngineIdentity;
  /** Word index of the result's register; set before each call. */
  result = 0;

  constructor(m: MachineState, speculations: Speculations, random: RandomSource, identity: EngineIdentity) {
    this.m = m;
    this.identity = identity;
    this.speculations = speculations;
    this.random = random;
  }

  get count(): number {
    return this.m.tupleDepth;
  }

  /** Word index of an argument's value. */
  at(index: number): number {
    return (this.m.tupleAt + index * TUPLE_ENTRY_BYTES) >>> 2;
  }

  big(index: number): bigint {
    return this.m.memory.i64[this.at(index) >>> 1]!;
  }

  /** An argument as a number; what does not fit 32 bits becomes the nearest that does. */
  int(index: number): number {
    const { i32 } = this.m.memory;
    const low = i32[this.at(index)]!;
    const high = i32[this.at(index) + 1]!;
    if (high === low >> 31) return low;
    return high < 0 ? -2147483648 : 2147483647;
  }

  /** An argument as a size; anything beyond 32 bits is larger than any memory. */
  size(index: number): number {
    const { i32 } = this.m.memory;
    return i32[this.at(index) + 1] === 0 ? i32[this.at(index)]! >>> 0 : 2 ** 33;
  }

  /** Offset of a string argument, or -1 after a fault; its length is in `textLength`. */
  text(index: number): number {
    return this.m.findText(this.at(index)) ? this.m.foundAt : -1;
  }

  get textLength(): number {
    return this.m.foundLength;
  }

  returnNumber(value: number): void {
    setDouble(this.m.memory.i32, this.result, value);
  }

  returnBig(value: bigint): void {
    this.m.memory.i64[this.result >>> 1] = value;
  }

  returnAddress(offset: number): void {
    const { i32 } = this.m.memory;
    i32[this.result] = offset;
    i32[this.result + 1] = ENGINE_BASE_HIGH;
  }

  returnNull(): void {
    this.returnNumber(0);
  }

  /** A new string of `length` bytes that lie at `from`. */
  returnText(from: number, length: number): void {
    const to = this.newText(length);
    if (to === NO_ADDRESS) return;
    const kept = Math.min(length, this.m.strsize);
    this.m.memory.u8.copyWithin(to, from, from + kept);
    this.m.memory.u8[to + kept] = 0;
    this.returnAddress(to);
  }

  returnAscii(text: string): void {
    const to = this.newText(text.length);
    if (to === NO_ADDRESS) return;
    const kept = Math.min(text.length, this.m.strsize);
    for (let i = 0; i < kept; i++) this.m.memory.u8[to + i] = text.charCodeAt(i);
    this.m.memory.u8[to + kept] = 0;
    this.returnAddress(to);
  }

  /** Scratch for a string of `length` bytes, cut to strsize, and its NUL. */
  newText(length: number): number {
    return this.m.allocateText(Math.min(length, this.m.strsize) + 1);
  }

  illegal(): void {
    this.m.fault(FAULTS.ILLOP.code);
  }
}

export const SUBROUTINE_HANDLERS: Record<SubrName, SubroutineHandler> = {
  rand: (call) => call.returnNumber(call.random.next()),
  speculation: (call) => call.returnNumber(call.speculations.open()),
  progenyof,
  strlen: (call) => {
    if (call.text(0) >= 0) call.returnNumber(call.textLength);
  },
  alloca: (call) => {
    const start = call.m.allocate(call.size(0));
    if (start !== NO_ADDRESS) call.returnAddress(start);
  },
  bcopy,
  memref,
  memstr,
  copyin,
  copyinstr,
  copyinto,
  // Nothing of the guest can be written in a replay: no address is a valid one.
  copyout: (call) => void call.m.badAddress(call.at(1)),
  copyoutstr: (call) => void call.m.badAddress(call.at(1)),
  mutex_owned: withoutKernel('mutex_owned'),
  mutex_owner: withoutKernel('mutex_owner'),
  mutex_type_adaptive: withoutKernel('mutex_type_adaptive'),
  mutex_type_spin: withoutKernel('mutex_type_spin'),
  rw_read_held: withoutKernel('rw_read_held'),
  rw_write_held: withoutKernel('rw_write_held'),
  rw_iswriter: withoutKernel('rw_iswriter'),
  sx_shared_held: withoutKernel('sx_shared_held'),
  sx_exclusive_held: withoutKernel('sx_exclusive_held'),
  sx_isexclusive: withoutKernel('sx_isexclusive'),
  msgdsize: withoutKernel('msgdsize'),
  msgsize: withoutKernel('msgsize'),
  ddi_pathname: withoutKernel('ddi_pathname'),
  getf: withoutKernel('getf'),
  d_path: withoutKernel('d_path'),
  // Linux's dev_t: 12 bits of major over 20 bits of minor.
  getmajor: (call) => call.returnNumber((Number(BigInt.asUintN(32, call.big(0))) >>> 20) & 0xfff),
  getminor: (call) => call.returnNumber(Number(BigInt.asUintN(20, call.big(0)))),
  strjoin,
  lltostr,
  strtoll,
  basename: (call) => pathPart(call, findBasename),
  dirname: (call) => pathPart(call, findDirname),
  cleanpath,
  strchr: (call) => fromCharacter(call, findBytesForward),
  strrchr: (call) => fromCharacter(call, findBytesBackward),
  strstr,
  strtok,
  substr,
  index,
  rindex,
  htons: swap2,
  htonl: swap4,
  htonll: swap8,
  ntohs: swap2,
  ntohl: swap4,
  ntohll: swap8,
  inet_ntop,
  inet_ntoa: (call) => addressText(call, 0, 4, inet4Text),
  inet_ntoa6: (call) => addressText(call, 0, 16, inet6Text),
  link_ntop,
  toupper: (call) => mapText(call, 0x61, 0x7a, -32),
  tolower: (call) => mapText(call, 0x41, 0x5a, 32),
  json,
};

/** A subroutine that reads the kernel's own structures, whose layout no log tells. */
function withoutKernel(name: SubrName): SubroutineHandler {
  const value = SUBROUTINE_FAULT_BASE + SUBROUTINES[name].id;
  return (call) => void call.m.noValue(value);
}

function progenyof(call: SubroutineContext): void {
  const { i32 } = call.m.memory;
  const { tracerPid, tracerAncestors } = call.identity;
  const wanted = i32[call.at(0)]!;
  const current = i32[(call.m.cellsAt + CELLS.pid) >>> 2]!;
  const descends = current === tracerPid && tracerAncestors?.().includes(wanted);
  call.returnNumber(wanted === current || descends ? 1 : 0);
}

// Memory.

function bcopy(call: SubroutineContext): void {
  const { m } = call;
  const size = call.size(2);
  call.returnNull();
  if (size === 0) return;
  const to = m.findScratch(call.at(1), size);
  if (to < 0) return;
  const from = m.findBytes(call.at(0), size);
  if (from >= 0) m.memory.u8.copyWithin(to, from, from + size);
}

/** Two words: the address as it is, unread, and the size. */
function memref(call: SubroutineContext): void {
  const to = call.m.allocate(16);
  if (to === NO_ADDRESS) return;
  const { i64 } = call.m.memory;
  i64[to >>> 3] = call.big(0);
  i64[(to >>> 3) + 1] = call.big(1);
  call.returnAddress(to);
}

function memstr(call: SubroutineContext): void {
  const { m } = call;
  const size = call.size(2);
  call.returnNull();
  if (size === 0) return;
  const from = m.findBytes(call.at(0), size);
  const to = from < 0 ? NO_ADDRESS : call.newText(size - 1);
  if (to === NO_ADDRESS) return;
  const { u8 } = m.memory;
  const kept = Math.min(size - 1, m.strsize);
  const substitute = call.int(1);
  for (let i = 0; i < kept; i++) u8[to + i] = u8[from + i] || substitute;
  u8[to + kept] = 0;
  call.returnAddress(to);
}

function copyin(call: SubroutineContext): void {
  const { m } = call;
  const size = call.size(1);
  const to = m.allocate(size);
  if (to === NO_ADDRESS || !m.readGuest(call.at(0), size, to)) return;
  call.returnAddress(to);
}

function copyinto(call: SubroutineContext): void {
  const size = call.size(1);
  const to = call.m.findScratch(call.at(2), size);
  call.returnNull();
  if (to >= 0) call.m.readGuest(call.at(0), size, to);
}

function copyinstr(call: SubroutineContext): void {
  const { strsize } = call.m;
  const limit = call.count > 1 ? Math.min(call.size(1), strsize) : strsize;
  if (call.m.copyGuestText(call.at(0), limit)) call.returnAddress(call.m.foundAt);
}

// Text.

function strjoin(call: SubroutineContext): void {
  const first = call.text(0);
  const firstLength = call.textLength;
  const second = first < 0 ? -1 : call.text(1);
  if (second < 0) return;
  const { m } = call;
  const length = firstLength + call.textLength;
  const to = call.newText(length);
  if (to === NO_ADDRESS) return;
  const { u8 } = m.memory;
  const kept = Math.min(length, m.strsize);
  const fromFirst = Math.min(firstLength, kept);
  u8.copyWithin(to, first, first + fromFirst);
  u8.copyWithin(to + fromFirst, second, second + (kept - fromFirst));
  u8[to + kept] = 0;
  call.returnAddress(to);
}

/** Base 16 has the prefix 0x and base 8 the prefix 0; bases but 10 show the 64 bits as unsigned. */
function lltostr(call: SubroutineContext): void {
  const value = call.big(0);
  const base = call.count > 1 ? call.int(1) : 10;
  if (base < 2 || base > 36) {
    call.illegal();
    return;
  }
  if (base === 10) {
    call.returnAscii(value.toString());
    return;
  }
  const digits = BigInt.asUintN(64, value).toString(base);
  const prefix = base === 16 ? '0x' : base === 8 && value !== 0n ? '0' : '';
  call.returnAscii(prefix + digits);
}

function strtoll(call: SubroutineContext): void {
  let at = call.text(0);
  if (at < 0) return;
  const end = at + call.textLength;
  const base = call.count > 1 ? call.int(1) : 10;
  if (base < 2 || base > 36) {
    call.illegal();
    return;
  }
  const { u8 } = call.m.memory;
  while (at < end && (u8[at] === 0x20 || u8[at] === 0x09)) at++;
  const negative = u8[at] === 0x2d;
  if (at < end && (negative || u8[at] === 0x2b)) at++;
  const hexPrefix = base === 16 && at + 2 < end && u8[at] === 0x30 && (u8[at + 1]! | 0x20) === 0x78;
  if (hexPrefix && digitValue(u8[at + 2]!) < 16) at += 2;
  let value = 0n;
  for (; at < end && digitValue(u8[at]!) < base; at++) {
    value = BigInt.asIntN(64, value * BigInt(base) + BigInt(digitValue(u8[at]!)));
  }
  call.returnBig(negative ? -value : value);
}

function digitValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower - 0x61 + 10 : 99;
}

type Part = { at: number; length: number };
const PART: Part = { at: 0, length: 0 }; // reused: handlers do not nest

function pathPart(call: SubroutineContext, find: (u8: Uint8Array, path: Part) => string | undefined): void {
  PART.at = call.text(0);
  if (PART.at < 0) return;
  PART.length = call.textLength;
  const fixed = find(call.m.memory.u8, PART);
  if (fixed !== undefined) call.returnAscii(fixed);
  else call.returnText(PART.at, PART.length);
}

function cleanpath(call: SubroutineContext): void {
  const from = call.text(0);
  if (from < 0) return;
  const length = call.textLength;
  const to = call.newText(length + 1); // "/.." and the like never grow, but an empty relative path becomes "."
  if (to === NO_ADDRESS) return;
  const { u8 } = call.m.memory;
  u8[to + cleanPath(u8, from, length, to)] = 0;
  call.returnAddress(to);
}

type Search = (u8: Uint8Array, from: number, end: number, sub: number, subLength: number) => number;

/** strchr and strrchr. Searching NUL finds the terminator: the empty string. */
function fromCharacter(call: SubroutineContext, search: Search): void {
  const at = call.text(0);
  if (at < 0) return;
  const end = at + call.textLength;
  const { u8 } = call.m.memory;
  const wanted = call.at(1) * 4; // the argument's low byte, in place
  const found = u8[wanted] === 0 ? end : search(u8, at, end, wanted, 1);
  if (found < 0) call.returnNull();
  else call.returnText(found, end - found);
}

function strstr(call: SubroutineContext): void {
  const at = call.text(0);
  const end = at + call.textLength;
  const sub = at < 0 ? -1 : call.text(1);
  if (sub < 0) return;
  const found = findBytesForward(call.m.memory.u8, at, end, sub, call.textLength);
  if (found < 0) call.returnNull();
  else call.returnText(found, end - found);
}

/** The string is copied at the first call of a firing; later calls with NULL go on in the copy. */
function strtok(call: SubroutineContext): void {
  const { m } = call;
  const { token } = m;
  if (!m.isZero(call.at(0))) {
    const from = call.text(0);
    if (from < 0) return;
    m.memory.u8.copyWithin(token.at, from, from + call.textLength);
    token.position = 0;
    token.length = call.textLength;
  } else if (token.length < 0) {
    // DIFFERS from illumos, which gives NULL: like Linux's DTrace, continuing what was never begun is a fault.
    m.badAddress(call.at(0));
    return;
  }
  const delimiters = call.text(1);
  if (delimiters < 0) return;
  if (divideText(m.memory.u8, token, delimiters, call.textLength)) {
    call.returnText(token.at + token.start, token.end - token.start);
  } else {
    token.position = token.length; // exhausted: goes on giving NULL
    call.returnNull();
  }
}

/** d-language.md 5.1. */
function substr(call: SubroutineContext): void {
  const at = call.text(0);
  if (at < 0) return;
  const length = call.textLength;
  let index = call.int(1);
  let count = call.count > 2 ? call.int(2) : call.m.strsize;
  if (index < 0) index += length;
  if (index < 0) {
    count = index + count > 0 ? count + index : 0;
    index = 0;
  } else if (index < length && count < 0) count += length - index;
  if (index >= length || count <= 0) {
    call.returnText(at, 0);
    return;
  }
  call.returnText(at + index, Math.min(count, length - index));
}

function index(call: SubroutineContext): void {
  const at = call.text(0);
  const length = call.textLength;
  const sub = at < 0 ? -1 : call.text(1);
  if (sub < 0) return;
  const start = Math.max(0, call.count > 2 ? call.int(2) : 0);
  if (call.textLength === 0) {
    call.returnNumber(Math.min(start, length));
    return;
  }
  if (start > length) {
    call.returnNumber(-1);
    return;
  }
  const found = findBytesForward(call.m.memory.u8, at + start, at + length, sub, call.textLength);
  call.returnNumber(found < 0 ? -1 : found - at);
}

function rindex(call: SubroutineContext): void {
  const at = call.text(0);
  const length = call.textLength;
  const sub = at < 0 ? -1 : call.text(1);
  if (sub < 0) return;
  const subLength = call.textLength;
  const start = call.count > 2 ? call.int(2) : length;
  if (subLength === 0) {
    call.returnNumber(Math.min(Math.max(start, 0), length));
    return;
  }
  if (start < 0) {
    call.returnNumber(-1);
    return;
  }
  const end = Math.min(at + length, at + start + subLength); // the last match starts at `start` at the latest
  const found = findBytesBackward(call.m.memory.u8, at, end, sub, subLength);
  call.returnNumber(found < 0 ? -1 : found - at);
}

function mapText(call: SubroutineContext, first: number, last: number, shift: number): void {
  const from = call.text(0);
  if (from < 0) return;
  const length = call.textLength;
  const to = call.newText(length);
  if (to === NO_ADDRESS) return;
  const { u8 } = call.m.memory;
  for (let i = 0; i < length; i++) {
    const byte = u8[from + i]!;
    u8[to + i] = byte >= first && byte <= last ? byte + shift : byte;
  }
  u8[to + length] = 0;
  call.returnAddress(to);
}

function json(call: SubroutineContext): void {
  PART.at = call.text(0);
  PART.length = call.textLength;
  const selector = PART.at < 0 ? -1 : call.text(1);
  if (selector < 0) return;
  if (findJsonValue(call.m.memory.u8, PART, selector, call.textLength)) {
    call.returnText(PART.at, PART.length);
  } else call.returnNull();
}

// Network.

function swap2(call: SubroutineContext): void {
  const x = call.m.memory.u32[call.at(0)]!;
  call.returnNumber(((x & 0xff) << 8) | ((x >>> 8) & 0xff));
}

function swap4(call: SubroutineContext): void {
  call.returnNumber(swapped(call.m.memory.u32[call.at(0)]!) >>> 0);
}

function swap8(call: SubroutineContext): void {
  const { i32 } = call.m.memory;
  const low = i32[call.at(0)]!;
  const high = i32[call.at(0) + 1]!;
  i32[call.result] = swapped(high);
  i32[call.result + 1] = swapped(low);
}

function swapped(x: number): number {
  return (x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24);
}

function inet_ntop(call: SubroutineContext): void {
  const family = call.int(0);
  if (family === AF_INET) addressText(call, 1, 4, inet4Text);
  else if (family === AF_INET6) addressText(call, 1, 16, inet6Text);
  else call.illegal();
}

function link_ntop(call: SubroutineContext): void {
  const type = call.int(0);
  if (type === ARPHRD_ETHER) addressText(call, 1, 6, ethernetText);
  else if (type === ARPHRD_INFINIBAND) addressText(call, 1, 20, infinibandText);
  else call.illegal();
}

function addressText(
  call: SubroutineContext,
  index: number,
  sizeBytes: number,
  render: (u8: Uint8Array, at: number) => string,
): void {
  const at = call.m.findBytes(call.at(index), sizeBytes);
  if (at >= 0) call.returnAscii(render(call.m.memory.u8, at));
}
