/**
 * The machine that runs DIF: registers, tuple stack, scratch, fault state, and checked access to memory.
 *
 * One per session, reused by every firing. In linear memory (shared with a second execution tier):
 *
 *   registersAt   r0 … r31, i64 each; r0 stays 0
 *   tupleAt       16 entries of {value i64, sizeBytes u32, kind u32 (TUPLE_KINDS)}
 *   cellsAt       values of built-ins that change per firing or ECB (CELLS)
 *   allocaAt      scratch of alloca and copyin, limited by scratchsize
 *   textAt        scratch of string results, limited by TEXT_SCRATCH; both are released after each clause
 *
 * Memory that a program names by address is checked here: loads only from visible ranges, stores only to scratch
 * allocated in this clause, variable storage, and dynamic variables loaded in this clause. An address is given as the
 * index of the 32-bit word where its low half lies (`at`), so no address becomes a BigInt or a double on the way.
 * Faults set `faultCode` and return false or -1; nothing throws.
 */
import type { LinearMemory } from '../base/linear-memory.ts';
import { FAULTS } from '../dif/faults.ts';
import { REGISTER_FILE_SIZE, TUPLE_STACK_SIZE } from '../dif/opcodes.ts';
import { ENGINE_BASE_HIGH } from '../machine/address.ts';
import type { EngineConfig } from './engine-contract.ts';
import type { Firing } from './firing.ts';
import { GuestStack } from './guest-stack.ts';
import { GuestProcess } from './guest-task.ts';
import { MemoryMap } from './memory-map.ts';

/** i64 cells that built-in variables read directly. String cells hold addresses. */
export const CELLS = {
  epid: 0,
  id: 8,
  cpu: 16,
  probeprov: 24,
  probemod: 32,
  probefunc: 40,
  probename: 48,
  execname: 56,
  pid: 64,
  tid: 72,
  zonename: 80,
  zero: 88,
  ppid: 96,
  uid: 104,
  gid: 112,
  bytes: 120,
} as const;

/** What the cells say of one probe, u32 each: a row of 2^shift bytes, strings as offsets. */
export const PROBE_CELLS = {
  id: 0,
  probeprov: 4,
  probemod: 8,
  probefunc: 12,
  probename: 16,
  shift: 5,
} as const;

export const TUPLE_KINDS = { value: 0, string: 1, bytes: 2 } as const;
export const TUPLE_ENTRY_BYTES = 16;

/** Room for string results within one clause: at least this, and at least 64 strings of strsize. */
const TEXT_SCRATCH = 65536;
/** By-reference dynamic variables that a clause may store into at one time; the oldest is forgotten first. */
const GRANTS = 8;

export const NO_FAULT = -1;

/** `strtok` of one firing: a copy of the string and the position reached in it. */
export interface TokenState {
  readonly at: number;
  position: number; // where the next token is looked for
  length: number; // -1 when there is no string
  start: number; // of the last token found
  end: number;
}

export class MachineState {
  readonly memory: LinearMemory;
  readonly firing: Firing;
  readonly strsize: number;
  readonly visible = new MemoryMap();
  readonly registersAt: number;
  readonly tupleAt: number;
  readonly cellsAt: number;
  readonly faultValueAt: number;
  tupleDepth = 0;
  faultCode: number = NO_FAULT;
  /** Byte offset of the instruction that faulted; -1 when no instruction did. */
  faultOffset = -1;
  /** What findText found. */
  foundAt = 0;
  foundLength = 0;
  token: TokenState;
  readonly guestProcess: GuestProcess;
  readonly guestStack: GuestStack;

  private readonly config: EngineConfig;
  private readonly allocaAt: number;
  private readonly textAt: number;
  private readonly textLimit: number;
  private readonly allocaRange: number; // in `visible`
  private readonly textRange: number;
  private allocaUsed = 0;
  private textUsed = 0;
  private variablesAt = 0;
  private variablesEnd = 0;
  private readonly grantStarts = new Float64Array(GRANTS);
  private readonly grantEnds = new Float64Array(GRANTS);
  private nextGrant = 0;
  private grantCount = 0;

  constructor(config: EngineConfig) {
    const { memory, sizes } = config;
    this.config = config;
    this.memory = memory;
    this.firing = config.firing;
    this.strsize = sizes.strsize;
    this.registersAt = memory.reserve(REGISTER_FILE_SIZE * 8);
    this.tupleAt = memory.reserve(TUPLE_STACK_SIZE * TUPLE_ENTRY_BYTES);
    this.cellsAt = memory.reserve(CELLS.bytes);
    this.faultValueAt = memory.reserve(8);
    this.token = this.newTokenState();
    this.allocaAt = memory.reserve(roundUp8(sizes.scratchsize));
    this.textLimit = Math.max(TEXT_SCRATCH, 64 * roundUp8(sizes.strsize + 1));
    this.textAt = memory.reserve(this.textLimit);
    this.allocaRange = this.visible.add(this.allocaAt, this.allocaAt);
    this.textRange = this.visible.add(this.textAt, this.textAt);
    const { visibleMemory } = config;
    if (visibleMemory) this.visible.add(visibleMemory.start, visibleMemory.end);
    this.guestProcess = new GuestProcess(this, config.processLayout, config.guestMemory, config.guestContext);
    this.guestStack = new GuestStack(this, config.guestContext?.stacks);
  }

  newTokenState(): TokenState {
    return {
      at: this.config.memory.reserve(roundUp8(this.strsize + 1)),
      position: 0,
      length: -1,
      start: 0,
      end: 0,
    };
  }

  /** Storage of global and clause-local variables: visible and writable. */
  setVariableStorage(start: number, end: number): void {
    this.variablesAt = start;
    this.variablesEnd = end;
    this.visible.add(start, end);
  }

  /** Release what the last clause took. */
  startClause(): void {
    if (this.allocaUsed !== 0) {
      this.allocaUsed = 0;
      this.visible.setEnd(this.allocaRange, this.allocaAt);
    }
    if (this.textUsed !== 0) {
      this.textUsed = 0;
      this.visible.setEnd(this.textRange, this.textAt);
    }
    this.grantCount = 0;
    this.faultCode = NO_FAULT;
    this.faultOffset = -1;
  }

  // Faults. The first one stands.

  fault(code: number): false {
    return this.faultWith(code, 0, 0);
  }

  faultWith(code: number, low: number, high: number): false {
    if (this.faultCode !== NO_FAULT) return false;
    this.faultCode = code;
    const value = this.faultValueAt >>> 2;
    this.memory.i32[value] = low;
    this.memory.i32[value + 1] = high;
    return false;
  }

  badAddress(at: number): false {
    return this.faultWith(FAULTS.BADADDR.code, this.memory.i32[at]!, this.memory.i32[at + 1]!);
  }

  noValue(variableId: number): false {
    return this.faultWith(FAULTS.NOVALUE.code, variableId, 0);
  }

  /** A fault of what only a guest that runs can do: LIVE_ONLY[what]. */
  needsGuest(what: number): false {
    return this.faultWith(FAULTS.NOGUEST.code, what, 0);
  }

  // Reading.

  /**
   * The `sizeBytes` bytes whose address is at word index `at`, as an offset; -1 when they cannot be read. Guest bytes
   * are copied to scratch.
   */
  findBytes(at: number, sizeBytes: number): number {
    const { i32 } = this.memory;
    if (i32[at + 1]! !== ENGINE_BASE_HIGH) return this.copyGuestBytes(at, sizeBytes);
    const offset = i32[at]! >>> 0;
    if (offset + sizeBytes <= this.visible.endOf(offset)) return offset;
    this.badAddress(at);
    return -1;
  }

  /** The string whose address is at word index `at`: sets foundAt and foundLength (at most strsize). NULL faults. */
  findText(at: number): boolean {
    const { i32 } = this.memory;
    if (i32[at + 1]! !== ENGINE_BASE_HIGH) return this.copyGuestText(at, this.strsize);
    const offset = i32[at]! >>> 0;
    const end = this.visible.endOf(offset);
    if (end === 0) return this.badAddress(at);
    this.foundAt = offset;
    this.foundLength = bytesToNul(this.memory.u8, offset, Math.min(end, offset + this.strsize));
    return true;
  }

  /** The same, with NULL as the empty string. */
  findTextOrEmpty(at: number): boolean {
    if (!this.isZero(at)) return this.findText(at);
    this.foundAt = 0;
    this.foundLength = 0;
    return true;
  }

  isZero(at: number): boolean {
    const { i32 } = this.memory;
    return i32[at] === 0 && i32[at + 1] === 0;
  }

  /** Copy guest memory to `offset`; returns whether all of it could be read. */
  readGuest(at: number, sizeBytes: number, offset: number): boolean {
    const guest = this.config.guestMemory;
    if (guest === undefined) return this.badAddress(at);
    const { u64, u8 } = this.memory;
    const read = guest.read(u64[at >>> 1]!, sizeBytes, u8.subarray(offset, offset + sizeBytes));
    return read === sizeBytes || this.badAddress(at);
  }

  /** Copy guest memory to `offset` as far as it can be read; returns how far. */
  readCode(at: number, sizeBytes: number, offset: number): number {
    const { u64, u8 } = this.memory;
    return (
      this.config.guestMemory?.read(u64[at >>> 1]!, sizeBytes, u8.subarray(offset, offset + sizeBytes)) ?? 0
    );
  }

  private copyGuestBytes(at: number, sizeBytes: number): number {
    if (this.config.guestMemory === undefined) {
      this.badAddress(at);
      return -1;
    }
    const offset = this.allocateText(sizeBytes);
    return offset !== 0 && this.readGuest(at, sizeBytes, offset) ? offset : -1;
  }

  /** A guest string of at most `limit` bytes. Read a page at a time, since the next one may be unmapped. */
  copyGuestText(at: number, limit: number): boolean {
    const guest = this.config.guestMemory;
    if (guest === undefined) return this.badAddress(at);
    const offset = this.allocateText(limit + 1);
    if (offset === 0) return false;
    const { u8, u64 } = this.memory;
    let address = u64[at >>> 1]!;
    let length = 0;
    while (length < limit) {
      const chunk = Math.min(limit - length, 4096 - Number(address & 4095n));
      const start = offset + length;
      const read = guest.read(address, chunk, u8.subarray(start, start + chunk));
      const found = bytesToNul(u8, start, start + read);
      length += found;
      if (found < read) break;
      if (read < chunk) return this.badAddress(at);
      address = BigInt.asUintN(64, address + BigInt(chunk));
    }
    u8[offset + length] = 0;
    this.foundAt = offset;
    this.foundLength = length;
    return true;
  }

  // Writing.

  /** Offset to store `sizeBytes` at the address at word index `at`; -1 (a fault) where a program may not write. */
  findWritable(at: number, sizeBytes: number): number {
    const { i32 } = this.memory;
    const offset = i32[at]! >>> 0;
    if (i32[at + 1]! === ENGINE_BASE_HIGH && this.isWritable(offset, offset + sizeBytes)) return offset;
    this.badAddress(at);
    return -1;
  }

  /** The same for what may store only to scratch. */
  findScratch(at: number, sizeBytes: number): number {
    const { i32 } = this.memory;
    const offset = i32[at]! >>> 0;
    if (i32[at + 1]! === ENGINE_BASE_HIGH && this.isScratch(offset, offset + sizeBytes)) return offset;
    this.badAddress(at);
    return -1;
  }

  private isScratch(start: number, end: number): boolean {
    if (start >= this.allocaAt && end <= this.allocaAt + this.allocaUsed) return true;
    return start >= this.textAt && end <= this.textAt + this.textUsed;
  }

  private isWritable(start: number, end: number): boolean {
    if (this.isScratch(start, end)) return true;
    if (start >= this.variablesAt && end <= this.variablesEnd) return true;
    for (let i = 0; i < this.grantCount; i++) {
      if (start >= this.grantStarts[i]! && end <= this.grantEnds[i]!) return true;
    }
    return false;
  }

  /** Let the rest of the clause store into a dynamic variable it has loaded by reference. */
  grant(start: number, end: number): void {
    if (this.grantCount === 0) this.nextGrant = 0;
    this.grantStarts[this.nextGrant] = start;
    this.grantEnds[this.nextGrant] = end;
    this.nextGrant = (this.nextGrant + 1) % GRANTS;
    if (this.grantCount < GRANTS) this.grantCount++;
  }

  /** Forget grants: the variables they are for may be gone. */
  revokeGrants(): void {
    this.grantCount = 0;
  }

  // Scratch.

  /** Zeroed scratch, 8-aligned; 0 (a fault) when scratchsize does not suffice. */
  allocate(sizeBytes: number): number {
    const start = this.allocaAt + this.allocaUsed;
    if (!(this.allocaUsed + sizeBytes <= this.config.sizes.scratchsize)) {
      this.fault(FAULTS.NOSCRATCH.code);
      return 0;
    }
    this.allocaUsed += roundUp8(sizeBytes);
    this.visible.setEnd(this.allocaRange, this.allocaAt + this.allocaUsed);
    this.memory.u8.fill(0, start, start + roundUp8(sizeBytes));
    return start;
  }

  /** Room for a string result, not zeroed; 0 (a fault) when there is none. */
  allocateText(sizeBytes: number): number {
    const start = this.textAt + this.textUsed;
    const rounded = roundUp8(sizeBytes);
    if (!(this.textUsed + rounded <= this.textLimit)) {
      this.fault(FAULTS.NOSCRATCH.code);
      return 0;
    }
    this.textUsed += rounded;
    this.visible.setEnd(this.textRange, this.textAt + this.textUsed);
    return start;
  }
}

export function roundUp8(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 8) * 8;
}

/** Bytes before the first NUL in [start, end), or all of them. */
function bytesToNul(u8: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && u8[at] !== 0) at++;
  return at - start;
}
